"""The explanation of the choice within a study."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("qr_study", sa.Column("explanation", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("qr_study", "explanation")
