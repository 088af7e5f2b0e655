"""DICOM nodes: store nodes (ours, or third parties'), the callers that they have rejected, and remote nodes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, Identifier, now
from shared.database.types import text_enum

_DICOM_AE_TITLE = r"^[ -\[\]-~]{1,16}$"
"""The AE titles that PS3.5 section 6.2 allows; ours are letters and digits only."""


REPORT_COUNTS = timedelta(seconds=60)
"""The time for which a report of the store_scp service counts as fresh; it writes several in this time."""


class StoreNodeState(StrEnum):
    """The observed state of a store node; `enabled` is the state that it should have."""

    STOPPED = "stopped"
    STARTING = "starting"
    ALIVE = "alive"
    STOPPING = "stopping"
    """The node finishes objects in progress, and accepts no more."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The node of a third party, or one that was not observed yet."""


class Admission:
    """The callers that a store node accepts, as columns of it.

    Empty lists allow everybody, null is the service's own limit.
    """

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


class StoreNode(Admission, Base):
    """A Store SCP. `managed`: ours, started and stopped by the store_scp service; else only its basics are kept."""

    __tablename__ = "store_node"
    __table_args__ = (
        CheckConstraint("ae_title ~ '^[A-Za-z0-9]{1,16}$'", name="ae_title"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        *ADMISSION_CHECKS,
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    ae_title: Mapped[str] = mapped_column(String(16))
    port: Mapped[int]
    managed: Mapped[bool] = mapped_column(default=True)
    host: Mapped[str | None] = mapped_column(String(253))
    """The host of a third party's node; our nodes listen where the store_scp service runs."""
    enabled: Mapped[bool] = mapped_column(default=True)
    switched_by: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    """The user who has enabled or disabled it last, as far as known."""
    switched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    keep_alive: Mapped[bool] = mapped_column(default=True)
    state: Mapped[StoreNodeState] = mapped_column(text_enum(StoreNodeState), default=StoreNodeState.UNKNOWN)
    state_detail: Mapped[str] = mapped_column(default="")
    state_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    def has_fresh_report(self, *, at: datetime) -> bool:
        """Tell whether the last report of the store_scp service on this node is still fresh at a moment."""
        return self.managed and self.state_at is not None and at - self.state_at <= REPORT_COUNTS


class RejectedCaller(Base):
    """A caller that a store node has rejected for one cause, with the number of calls. No patient data.

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
    """The event, in words."""
    advice: Mapped[str]
    """The change that would admit the caller, in words."""
    rejections: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RemoteNode(Base):
    """A remote Query/Retrieve SCP: a PACS or a modality."""

    __tablename__ = "remote_node"
    __table_args__ = (
        CheckConstraint(rf"ae_title ~ '{_DICOM_AE_TITLE}'", name="ae_title"),
        CheckConstraint(rf"calling_ae_title ~ '{_DICOM_AE_TITLE}'", name="calling_ae_title"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("hostname IS NOT NULL OR ip_address IS NOT NULL", name="address"),
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    ae_title: Mapped[str] = mapped_column(String(16))
    """Its AE title, which we call."""
    calling_ae_title: Mapped[str] = mapped_column(String(16), default="DOSEWIRE")
    """Our AE title towards it."""
    hostname: Mapped[str | None] = mapped_column(String(253))
    ip_address: Mapped[str | None] = mapped_column(String(45))
    port: Mapped[int]
    qr_settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """Its settings for queries: `shared.jobs.node_settings.NodeSettings` as JSON."""
    dicomweb_credentials: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    """A secret that is never shown: `shared.dicomweb.settings.DicomwebCredentials.stored`."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    @property
    def has_dicomweb_credentials(self) -> bool:
        """Tell whether there are credentials; nothing else about them may be shown."""
        return self.dicomweb_credentials is not None

    @property
    def address(self) -> str:
        """Return where to connect: the hostname where there is one, else the IP address."""
        address = self.hostname or self.ip_address
        if address is None:
            raise ValueError(f"remote node {self.name} has neither hostname nor IP address")
        return address
