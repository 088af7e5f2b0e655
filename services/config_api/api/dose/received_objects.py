"""Received objects: the life of each reception, newest first."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import AfterValidator, Field
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import MomentInQuery, QueryModel
from services.config_api.api.common.base import Moment, ResponseModel, answer, blueprint, problems
from services.config_api.web import paging as keyset
from services.config_api.web import problem
from services.config_api.web.current import context
from shared.database.models import ObjectState, ReceivedObject

api = blueprint("received_objects", tag="Received objects", description="What became of each object, and why")


def _cursor(text: str) -> str:
    keyset.decode(text, keyset.row_id)
    return text


class ReceivedObjectQuery(QueryModel):
    """Which objects; filters are combined with AND."""

    state: list[ObjectState] = Field(default=[], description="One of these states")
    calling_ae_title: str | None = Field(default=None, max_length=16)
    study_instance_uid: str | None = Field(default=None, max_length=64)
    sop_instance_uid: str | None = Field(default=None, max_length=64)
    since: MomentInQuery | None = Field(default=None, description="Received at or after, with a time zone")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before"
    )


class ReceivedObjectOutput(ResponseModel):
    """One reception. No patient data."""

    trace_id: str
    source: str = Field(description="`c_store` or `command_line`")
    received_at: Moment
    store_node: str | None
    calling_ae_title: str | None
    called_ae_title: str | None
    peer_address: str | None
    sop_class_uid: str | None
    sop_instance_uid: str | None
    study_instance_uid: str | None
    series_instance_uid: str | None
    modality: str | None
    station_name: str | None
    size_bytes: int
    object_kind: str | None
    state: ObjectState
    effect: str | None = Field(description="What it did to its study", examples=["stored", "replaced_by_superset"])
    reason: str | None = Field(description="Why it is in this state, in words")
    attempts: int
    queued_at: Moment | None
    finished_at: Moment | None
    duration_ms: int | None = Field(description="How long the import took, without waiting in the queue")


class ReceivedObjectPage(ResponseModel):
    """A page of objects, newest first."""

    items: list[ReceivedObjectOutput]
    next_cursor: str | None = Field(description="For the next page; null on the last one")


class TracePath(QueryModel):
    """The trace id in a path."""

    trace_id: str = Field(pattern="^[0-9a-f]{32}$")


@api.get("", responses={HTTPStatus.OK: ReceivedObjectPage})
def list_received_objects(query: ReceivedObjectQuery) -> Response:
    """List received objects, newest first."""
    with context().transaction() as session:
        return answer(find_received_objects(session, query))


@api.get("/<trace_id>", responses={HTTPStatus.OK: ReceivedObjectOutput} | problems(HTTPStatus.NOT_FOUND))
def get_received_object(path: TracePath) -> Response:
    """Show a received object."""
    with context().transaction() as session:
        row = session.scalar(select(ReceivedObject).where(ReceivedObject.trace_id == path.trace_id))
    if row is None:
        raise problem.not_found("no object was received under this trace id", "GET /api/v1/received-objects lists them")
    return answer(ReceivedObjectOutput.model_validate(row))


def find_received_objects(session: Session, query: ReceivedObjectQuery) -> ReceivedObjectPage:
    """Return a page of received objects."""
    rows = session.scalars(_select(query).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    more = keyset.encode(shown[-1].received_at, shown[-1].id) if len(rows) > query.limit else None
    return ReceivedObjectPage(items=[ReceivedObjectOutput.model_validate(row) for row in shown], next_cursor=more)


def _select(query: ReceivedObjectQuery) -> Select[ReceivedObject]:
    statement = select(ReceivedObject).order_by(ReceivedObject.received_at.desc(), ReceivedObject.id.desc())
    if query.state:
        statement = statement.where(ReceivedObject.state.in_(query.state))
    for name in ("calling_ae_title", "study_instance_uid", "sop_instance_uid"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(ReceivedObject, name) == value)
    if query.since is not None:
        statement = statement.where(ReceivedObject.received_at >= query.since)
    if query.cursor is not None:
        key = tuple_(ReceivedObject.received_at, ReceivedObject.id)
        statement = statement.where(key < keyset.decode(query.cursor, keyset.row_id))
    return statement
