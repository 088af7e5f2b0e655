"""Schedules, and which one has begun a job."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "qr_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("remote_node_id", sa.Integer(), nullable=False),
        sa.Column("store_node_id", sa.Integer(), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("days_ago", sa.Integer(), nullable=False),
        sa.Column("overlap_days", sa.Integer(), nullable=False),
        sa.Column("catch_up_days", sa.Integer(), nullable=False),
        sa.Column("while_running", sa.String(length=32), nullable=False),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_outcome", sa.String(), nullable=False),
        sa.Column("covered_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days_ago BETWEEN 0 AND 366", name=op.f("ck_qr_schedule_days_ago")),
        sa.CheckConstraint("overlap_days BETWEEN 0 AND 366", name=op.f("ck_qr_schedule_overlap_days")),
        sa.CheckConstraint("catch_up_days BETWEEN 0 AND 3660", name=op.f("ck_qr_schedule_catch_up_days")),
        sa.CheckConstraint("while_running IN ('skip', 'wait')", name=op.f("ck_qr_schedule_whilerunning")),
        sa.ForeignKeyConstraint(["remote_node_id"], ["remote_node.id"], name=op.f("fk_qr_schedule_remote_node_id")),
        sa.ForeignKeyConstraint(["store_node_id"], ["store_node.id"], name=op.f("fk_qr_schedule_store_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qr_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_qr_schedule_name")),
    )
    op.create_index("ix_qr_schedule_due", "qr_schedule", ["next_run_at"], postgresql_where=sa.text("enabled"))
    op.add_column("qr_job", sa.Column("schedule_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_qr_job_schedule_id"), "qr_job", "qr_schedule", ["schedule_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_qr_job_schedule", "qr_job", ["schedule_id", "created_at"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index("ix_qr_job_schedule", table_name="qr_job")
    op.drop_column("qr_job", "schedule_id")
    op.drop_table("qr_schedule")
