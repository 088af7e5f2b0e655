"""Query/retrieve that chooses: options and progress of a job, series and instances, settings of a remote node."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JOB_STATES = ("queued", "querying", "retrieving", "complete", "partial", "failed", "cancelled")
STUDY_STATES = ("found", "retrieving", "retrieved", "failed", "cancelled")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "qr_series",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("series_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("modality", sa.String(), nullable=True),
        sa.Column("series_number", sa.BigInteger(), nullable=True),
        sa.Column("series_description", sa.String(), nullable=True),
        sa.Column("station_name", sa.String(), nullable=True),
        sa.Column("instances_in_series", sa.Integer(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["qr_study.id"], name=op.f("fk_qr_series_study_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_series")),
        sa.UniqueConstraint("study_id", "series_instance_uid", name=op.f("uq_qr_series_study_id_series_instance_uid")),
    )
    op.create_table(
        "qr_instance",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("sop_class_uid", sa.String(length=64), nullable=True),
        sa.Column("instance_number", sa.BigInteger(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["qr_series.id"], name=op.f("fk_qr_instance_series_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_instance")),
        sa.UniqueConstraint("series_id", "sop_instance_uid", name=op.f("uq_qr_instance_series_id_sop_instance_uid")),
    )
    op.add_column("qr_job", _settings("options"))
    op.add_column(
        "qr_job",
        sa.Column("query_progress", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "qr_job", sa.Column("unanswered", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("qr_study", sa.Column("study_time", sa.String(length=16), nullable=True))
    op.add_column("qr_study", sa.Column("study_description", sa.String(), nullable=True))
    op.add_column("qr_study", sa.Column("station_name", sa.String(), nullable=True))
    op.add_column("remote_node", _settings("qr_settings"))
    _allow("qr_job", "ck_qr_job_qrjobstate", (*JOB_STATES, "choosing", "review"))
    _allow("qr_study", "ck_qr_study_qrstudystate", (*STUDY_STATES, "chosen", "skipped"))
    _index_open_studies(("found", "chosen", "retrieving"))


def downgrade() -> None:
    """Go back to the version before. What that version has no state for counts as cancelled."""
    op.execute("UPDATE qr_study SET state = 'cancelled' WHERE state IN ('chosen', 'skipped')")
    op.execute("UPDATE qr_job SET state = 'cancelled' WHERE state IN ('choosing', 'review')")
    _index_open_studies(("found", "retrieving"))
    _allow("qr_study", "ck_qr_study_qrstudystate", STUDY_STATES)
    _allow("qr_job", "ck_qr_job_qrjobstate", JOB_STATES)
    op.drop_column("remote_node", "qr_settings")
    op.drop_column("qr_study", "station_name")
    op.drop_column("qr_study", "study_description")
    op.drop_column("qr_study", "study_time")
    op.drop_column("qr_job", "unanswered")
    op.drop_column("qr_job", "query_progress")
    op.drop_column("qr_job", "options")
    op.drop_table("qr_instance")
    op.drop_table("qr_series")


def _settings(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False)


def _allow(table: str, constraint: str, states: Sequence[str]) -> None:
    op.drop_constraint(op.f(constraint), table, type_="check")
    op.create_check_constraint(op.f(constraint), table, sa.column("state").in_(states))


def _index_open_studies(states: Sequence[str]) -> None:
    op.drop_index("ix_qr_study_open", table_name="qr_study")
    where = ", ".join(f"'{state}'" for state in states)
    op.create_index("ix_qr_study_open", "qr_study", ["due_at"], postgresql_where=sa.text(f"state IN ({where})"))
