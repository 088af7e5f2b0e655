"""Tests and echoes of nodes, made by the qr service."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "node_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remote_node_id", sa.Integer(), nullable=False),
        sa.Column("store_node_id", sa.Integer(), nullable=True),
        sa.Column("to_store_node", sa.Boolean(), nullable=False),
        sa.Column("study_instance_uid", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_node_check_checkstate")),
        sa.ForeignKeyConstraint(
            ["remote_node_id"], ["remote_node.id"], name=op.f("fk_node_check_remote_node_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["store_node_id"], ["store_node.id"], name=op.f("fk_node_check_store_node_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node_check")),
    )
    op.create_index("ix_node_check_created_at", "node_check", ["created_at"])
    op.create_index(op.f("ix_node_check_remote_node_id"), "node_check", ["remote_node_id"])
    op.create_table(
        "node_echo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remote_node_id", sa.Integer(), nullable=True),
        sa.Column("store_node_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settings_key", sa.String(length=64), nullable=False),
        sa.Column("echoed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alive", sa.Boolean(), nullable=True),
        sa.Column("detail", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("calling_ae_title", sa.String(length=16), nullable=True),
        sa.CheckConstraint("num_nonnulls(remote_node_id, store_node_id) = 1", name=op.f("ck_node_echo_node")),
        sa.ForeignKeyConstraint(
            ["remote_node_id"], ["remote_node.id"], name=op.f("fk_node_echo_remote_node_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["store_node_id"], ["store_node.id"], name=op.f("fk_node_echo_store_node_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node_echo")),
        sa.UniqueConstraint("remote_node_id", name=op.f("uq_node_echo_remote_node_id")),
        sa.UniqueConstraint("store_node_id", name=op.f("uq_node_echo_store_node_id")),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("node_echo")
    op.drop_table("node_check")
