"""DICOM nodes: our own Store SCPs (or third parties' that we only know of), and remote nodes to query."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base, CreatedAt, Identifier, now
from shared.database.models.admission import ADMISSION_CHECKS, Admission
from shared.database.types import text_enum

_DICOM_AE_TITLE = r"^[ -\[\]-~]{1,16}$"
"""What PS3.5 section 6.2 allows as an AE title; ours are letters and digits only."""


REPORT_COUNTS = timedelta(seconds=60)
"""How long a report of the store_scp service is believed; it writes one several times in this span."""


class StoreNodeState(StrEnum):
    """What a store node really does, as against `enabled`, what it should do."""

    STOPPED = "stopped"
    STARTING = "starting"
    ALIVE = "alive"
    STOPPING = "stopping"
    """It finishes the objects that are on their way."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Of a third party, or nobody has looked yet."""


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
    """Where a third party's node listens; ours listen where the store_scp service runs."""
    enabled: Mapped[bool] = mapped_column(default=True)
    switched_by: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    """Who has enabled or disabled it last, as far as that is known."""
    switched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    keep_alive: Mapped[bool] = mapped_column(default=True)
    state: Mapped[StoreNodeState] = mapped_column(text_enum(StoreNodeState), default=StoreNodeState.UNKNOWN)
    state_detail: Mapped[str] = mapped_column(default="")
    state_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    def has_fresh_report(self, *, at: datetime) -> bool:
        """Tell whether what the store_scp service has reported of this node still counts at a moment."""
        return self.managed and self.state_at is not None and at - self.state_at <= REPORT_COUNTS


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
    """How it wants to be asked: `shared.jobs.node_settings.NodeSettings` as JSON."""
    dicomweb_credentials: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    """A secret that is never shown: `shared.dicomweb.settings.DicomwebCredentials.stored`."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    @property
    def has_dicomweb_credentials(self) -> bool:
        """Return whether there are any, which is all that may be told of them."""
        return self.dicomweb_credentials is not None

    @property
    def address(self) -> str:
        """Return where to connect: the hostname where there is one, else the IP address."""
        address = self.hostname or self.ip_address
        if address is None:
            raise ValueError(f"remote node {self.name} has neither hostname nor IP address")
        return address
