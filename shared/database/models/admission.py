"""Who may call a store node, and who was turned away."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base


class Admission:
    """Who may call a store node, as columns of it. Empty lists allow everybody, null is the service's own limit."""

    check_called_ae_title: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    allowed_calling_ae_titles: Mapped[list[str]] = mapped_column(
        ARRAY(String(16)), default=list, server_default=text("'{}'")
    )
    allowed_peers: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list, server_default=text("'{}'"))
    """Addresses and networks, IPv4 and IPv6."""
    maximum_associations: Mapped[int | None]
    maximum_associations_per_ae_title: Mapped[int | None]
    maximum_associations_per_address: Mapped[int | None]
    idle_timeout_seconds: Mapped[int | None]
    tls: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    require_client_certificate: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


ADMISSION_CHECKS = tuple(
    CheckConstraint(f"{name} >= 1", name=name)
    for name in (
        "maximum_associations",
        "maximum_associations_per_ae_title",
        "maximum_associations_per_address",
        "idle_timeout_seconds",
    )
)


class RejectedCaller(Base):
    """How often a store node has turned somebody away for the same cause. No patient data.

    A service of ours counts; a row is one caller, not one call, so that a flood stays small.
    """

    __tablename__ = "rejected_caller"
    __table_args__ = (
        UniqueConstraint(
            "store_node_id",
            "cause",
            "called_ae_title",
            "calling_ae_title",
            "peer_address",
            name="uq_rejected_caller_caller",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    store_node_id: Mapped[int] = mapped_column(ForeignKey("store_node.id", ondelete="CASCADE"))
    cause: Mapped[str] = mapped_column(String(32))
    called_ae_title: Mapped[str] = mapped_column(String(16))
    calling_ae_title: Mapped[str] = mapped_column(String(16))
    peer_address: Mapped[str] = mapped_column(String(64))
    words: Mapped[str]
    """What happened."""
    advice: Mapped[str]
    """What to change where it should not have happened."""
    rejections: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
