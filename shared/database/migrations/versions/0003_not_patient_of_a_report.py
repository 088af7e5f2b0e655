"""A report of no patient is marked as such, so that any report of a study decides."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version. What was found for a study stands for each of its reports, as nobody knows which it was."""
    op.add_column(
        "report", sa.Column("not_patient", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.execute(
        "UPDATE report SET not_patient = study.not_patient FROM study"
        " WHERE study.id = report.study_id AND study.not_patient IS NOT NULL"
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("report", "not_patient")
