"""The row of a reception: the outcome of its import, written in the same transaction as the dose."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from services.importer.reading.read import ReadObject
from shared.database.base import now
from shared.database.models import ObjectState, ReceivedObject
from shared.database.models.received_object import fitted, reception_row
from shared.stored_study.layout import table_of

FINISHED = (ObjectState.IMPORTED, ObjectState.DUPLICATE, ObjectState.REFUSED)
"""States that no later message changes. A failed object may be replayed."""

_TABLE = table_of(ReceivedObject)
_HEADER = (
    "sop_class_uid",
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "modality",
    "station_name",
)
_CHANGED = ("size_bytes", "object_kind", "state", "effect", "reason", "attempts", "finished_at", "duration_ms")
_ORIGIN = ("store_node", "calling_ae_title", "called_ae_title", "peer_address")


def _upsert() -> Insert:
    """Return the statement: a finished row is not changed, and an unknown value does not replace a known one."""
    statement = upsert(_TABLE)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["trace_id"],
        set_={name: new[name] for name in _CHANGED}
        | {name: func.coalesce(new[name], _TABLE.c[name]) for name in (*_HEADER, *_ORIGIN)},
        where=_TABLE.c.state.not_in(FINISHED),
    )


_UPSERT = _upsert()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """The outcome of an import. `error` is for the broker; None: nothing more is to be done."""

    state: ObjectState
    effect: str | None = None
    reason: str | None = None
    object_kind: str | None = None
    error: Exception | None = None


def finished(connection: Connection, trace_ids: Iterable[str]) -> dict[str, ImportOutcome]:
    """Return the outcomes of those receptions that are done with already."""
    query = select(ReceivedObject.trace_id, ReceivedObject.state, ReceivedObject.reason, ReceivedObject.object_kind)
    found = connection.execute(query.where(ReceivedObject.trace_id.in_(trace_ids), ReceivedObject.state.in_(FINISHED)))
    return {
        trace_id: ImportOutcome(state=state, reason=reason, object_kind=kind) for trace_id, state, reason, kind in found
    }


def record(connection: Connection, one: ReadObject, outcome: ImportOutcome, *, seconds: float) -> None:
    """Write the outcome of an import; a row that is finished is not changed."""
    message = one.message
    done = outcome.state is not ObjectState.RETRYING
    row = {
        **reception_row(message),
        **_header(one),
        "object_kind": outcome.object_kind or message.object_kind,
        "state": outcome.state,
        "effect": outcome.effect,
        "reason": outcome.reason,
        "attempts": one.attempt + 1,
        "finished_at": now() if done else None,
        "duration_ms": round(seconds * 1000),
    }
    connection.execute(_UPSERT, fitted(row))


def _header(one: ReadObject) -> dict[str, object]:
    """Return what is known of the object, from the document or else from the message."""
    told = one.message.header.model_dump() if one.message.header else {}
    document = one.document
    if document is None:
        return {name: told.get(name) for name in _HEADER}
    read = {**document.object, **document.study, "modality": document.object.get("dicom_modality")}
    return {name: read.get(name) or told.get(name) for name in _HEADER}
