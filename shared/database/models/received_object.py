"""The life of each object that reached us: its reception, its end and the reason.

It keeps the promise that every object can be traced (docs/architecture.md, Promises, 4).
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base
from shared.database.types import text_enum


class ObjectState(StrEnum):
    """Where an object stands."""

    QUEUED = "queued"
    RETRYING = "retrying"
    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    """It adds nothing to what is stored; the reason says why."""
    REFUSED = "refused"
    """It holds no dose; the reason says why."""
    FAILED = "failed"
    """It could not be read or stored; the file is in quarantine."""


class ReceivedObject(Base):
    """The life of one reception. No patient data."""

    __tablename__ = "received_object"
    __table_args__ = (
        Index("ix_received_object_received_at", "received_at"),
        Index("ix_received_object_sop_instance_uid", "sop_instance_uid"),
        Index("ix_received_object_study_instance_uid", "study_instance_uid"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    trace_id: Mapped[str] = mapped_column(String(32), unique=True)
    source: Mapped[str] = mapped_column(String(16))
    """`c_store` or `command_line`."""
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    store_node: Mapped[str | None] = mapped_column(String(64))
    """The friendly name that the store node had then."""
    calling_ae_title: Mapped[str | None] = mapped_column(String(16))
    called_ae_title: Mapped[str | None] = mapped_column(String(16))
    peer_address: Mapped[str | None] = mapped_column(String(64))
    sop_class_uid: Mapped[str | None] = mapped_column(String(64))
    sop_instance_uid: Mapped[str | None] = mapped_column(String(64))
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    series_instance_uid: Mapped[str | None] = mapped_column(String(64))
    modality: Mapped[str | None] = mapped_column(String(16))
    station_name: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    object_kind: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[ObjectState] = mapped_column(text_enum(ObjectState))
    effect: Mapped[str | None] = mapped_column(String(80))
    """What it did to its study: `stored`, `replaced_by_superset`, `ignored_event_subset` and so on."""
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    duration_ms: Mapped[int | None]
    """How long the import took, without waiting in the queue."""
