"""The callers that a store node accepts and those that it has rejected, and the person who has stopped it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LIMITS = (
    "maximum_associations",
    "maximum_associations_per_ae_title",
    "maximum_associations_per_address",
    "idle_timeout_seconds",
)
SWITCHES = {"check_called_ae_title": "true", "tls": "false", "require_client_certificate": "false"}
STATES = ("stopped", "starting", "alive", "failed", "unknown")
LISTS = {"allowed_calling_ae_titles": 16, "allowed_peers": 64}


def upgrade() -> None:
    """Go to this version. The nodes that are there go on to take whom they took before."""
    for name, default in SWITCHES.items():
        op.add_column("store_node", sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False))
    for name, length in LISTS.items():
        column: sa.Column[list[str]] = sa.Column(
            name, sa.ARRAY(sa.String(length)), server_default=sa.text("'{}'"), nullable=False
        )
        op.add_column("store_node", column)
    for name in LIMITS:
        op.add_column("store_node", sa.Column(name, sa.Integer(), nullable=True))
        op.create_check_constraint(op.f(f"ck_store_node_{name}"), "store_node", f"{name} >= 1")
    op.add_column(
        "store_node", sa.Column("switched_by", sa.String(length=100), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("store_node", sa.Column("switched_at", sa.DateTime(timezone=True), nullable=True))
    _allow_states((*STATES, "stopping"))
    op.create_table(
        "rejected_caller",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("store_node_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("called_ae_title", sa.String(length=16), nullable=False),
        sa.Column("calling_ae_title", sa.String(length=16), nullable=False),
        sa.Column("peer_address", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("rejections", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_node_id"],
            ["store_node.id"],
            name=op.f("fk_rejected_caller_store_node_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_caller")),
        sa.UniqueConstraint(
            "store_node_id",
            "cause",
            "called_ae_title",
            "calling_ae_title",
            "peer_address",
            name=op.f("uq_rejected_caller_caller"),
        ),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("rejected_caller")
    op.execute("UPDATE store_node SET state = 'unknown' WHERE state = 'stopping'")
    _allow_states(STATES)
    for name in ("switched_at", "switched_by", *LIMITS, *LISTS, *SWITCHES):
        op.drop_column("store_node", name)


def _allow_states(states: Sequence[str]) -> None:
    name = op.f("ck_store_node_storenodestate")
    op.drop_constraint(name, "store_node", type_="check")
    op.create_check_constraint(name, "store_node", sa.column("state").in_(states))
