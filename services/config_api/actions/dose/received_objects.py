"""Received objects: the row of each reception, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import MomentInQuery, QueryModel
from services.config_api.web import paging as keyset
from services.config_api.web import problem
from shared.database.models import ObjectState, ReceivedObject


def _cursor(text: str) -> str:
    keyset.decode(text, keyset.row_id)
    return text


class ReceivedObjectFilter(QueryModel):
    """The received objects of a list; filters are combined with AND."""

    state: list[ObjectState] = Field(default=[], description="One of these states")
    calling_ae_title: str | None = Field(default=None, max_length=16)
    study_instance_uid: str | None = Field(default=None, max_length=64)
    sop_instance_uid: str | None = Field(default=None, max_length=64)
    since: MomentInQuery | None = Field(default=None, description="Received at or after, with a time zone")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before"
    )


@dataclass(frozen=True, slots=True)
class ReceivedObjectPage:
    """Received objects, newest first; `next_cursor` leads to the next page, None on the last one."""

    items: Sequence[ReceivedObject]
    next_cursor: str | None


def find_received_objects(session: Session, wanted: ReceivedObjectFilter) -> ReceivedObjectPage:
    """Return a page of received objects."""
    rows = session.scalars(_select(wanted).limit(wanted.limit + 1)).all()
    shown = rows[: wanted.limit]
    more = keyset.encode(shown[-1].received_at, shown[-1].id) if len(rows) > wanted.limit else None
    return ReceivedObjectPage(shown, more)


def find_received_object(session: Session, trace_id: str) -> ReceivedObject:
    """Return a received object.

    Raises:
        ProblemError: there is none of this trace id.
    """
    row = session.scalar(select(ReceivedObject).where(ReceivedObject.trace_id == trace_id))
    if row is None:
        raise problem.not_found("no object was received under this trace id", "GET /api/v1/received-objects lists them")
    return row


def _select(wanted: ReceivedObjectFilter) -> Select[ReceivedObject]:
    statement = select(ReceivedObject).order_by(ReceivedObject.received_at.desc(), ReceivedObject.id.desc())
    if wanted.state:
        statement = statement.where(ReceivedObject.state.in_(wanted.state))
    for name in ("calling_ae_title", "study_instance_uid", "sop_instance_uid"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(ReceivedObject, name) == value)
    if wanted.since is not None:
        statement = statement.where(ReceivedObject.received_at >= wanted.since)
    if wanted.cursor is not None:
        key = tuple_(ReceivedObject.received_at, ReceivedObject.id)
        statement = statement.where(key < keyset.decode(wanted.cursor, keyset.row_id))
    return statement
