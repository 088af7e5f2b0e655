"""The life of each object that reached us: its reception, its end and the reason.

It keeps the promise that every object can be traced (docs/architecture.md, Promises, 4).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database.base import Base
from shared.database.types import storable_text, text_enum
from shared.messages import HeaderSummary, ImportObject


class ObjectState(StrEnum):
    """The state of an object between its reception and its end."""

    QUEUED = "queued"
    RETRYING = "retrying"
    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    """It adds nothing to the stored study; the reason is in words."""
    REFUSED = "refused"
    """It holds no dose; the reason is in words."""
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
    """The effect on its study: `stored`, `replaced_by_superset`, `ignored_event_subset` and so on."""
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    duration_ms: Mapped[int | None]
    """The duration of the import, without waiting in the queue."""


def reception_row(message: ImportObject) -> dict[str, object]:
    """Return the columns of `received_object` that follow from a message, not cut to their lengths yet."""
    reception, header = message.reception, message.header or HeaderSummary()
    return {
        "trace_id": message.trace_id,
        "source": reception.source,
        "received_at": reception.received_at,
        "store_node": reception.store_node,
        "calling_ae_title": reception.calling_ae_title,
        "called_ae_title": reception.called_ae_title,
        "peer_address": reception.peer_address,
        **header.model_dump(),
        "size_bytes": message.size_bytes,
        "object_kind": message.object_kind,
    }


def fitted(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row of `received_object` whose texts its columns can hold.

    They come from outside: a text that is too long, or that PostgreSQL does not store, must not lose the row.
    """
    return {name: _fitted(name, value) for name, value in row.items()}


def _fitted(name: str, value: object) -> object:
    kind = ReceivedObject.__table__.c[name].type
    if isinstance(value, str) and isinstance(kind, String):
        return storable_text(value)[: kind.length]
    return value
