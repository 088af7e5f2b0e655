"""The technique that tells the exposures of images with the same start apart; not known of images stored before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("report", sa.Column("exposure", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("report", "exposure")
