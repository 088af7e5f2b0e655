"""The findings of a report: those of its warnings that raise a flag."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_FROM_WARNINGS = """
    UPDATE report SET findings = found.findings
    FROM (
        SELECT id, jsonb_agg(jsonb_build_object('flag', flag, 'detail', warning) ORDER BY position) AS findings
        FROM report, unnest(warnings) WITH ORDINALITY AS one (warning, position),
            LATERAL (
                SELECT CASE
                    WHEN starts_with(warning, 'the patient''s birth date is after the study') THEN 'age_negative'
                    WHEN position(' is not known for ' IN warning) > 0 THEN 'unit_unknown'
                END AS flag
            ) AS raised
        WHERE flag IS NOT NULL
        GROUP BY id
    ) AS found
    WHERE report.id = found.id
"""
"""Until this version a flag was raised by what a warning said."""


def upgrade() -> None:
    """Go to this version."""
    op.add_column(
        "report",
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.execute(_FROM_WARNINGS)


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("report", "findings")
