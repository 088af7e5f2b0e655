"""The failure of the last attempt at a study of a job, apart from the words about the next attempt."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version; of studies that wait for another attempt the failure is taken out of the reason."""
    op.add_column("qr_study", sa.Column("last_failure", sa.String(), server_default=sa.text("''"), nullable=False))
    op.execute("UPDATE qr_study SET last_failure = split_part(reason, '; attempt ', 1) WHERE attempts > 0")


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("qr_study", "last_failure")
