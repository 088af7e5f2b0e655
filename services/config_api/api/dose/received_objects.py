"""REST resource of received objects: the state of each reception and the reason for it."""

from http import HTTPStatus

from flask import Response
from pydantic import Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.actions.dose.received_objects import (
    ReceivedObjectFilter,
    find_received_object,
    find_received_objects,
)
from services.config_api.api.common.base import Moment, ResponseModel, answer, blueprint, problems
from services.config_api.web.current import context
from shared.database.models import ObjectState

api = blueprint("received_objects", tag="Received objects", description="The state of each object, and the reason")


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
    effect: str | None = Field(description="Its effect on its study", examples=["stored", "replaced_by_superset"])
    reason: str | None = Field(description="Why it is in this state, in words")
    attempts: int
    queued_at: Moment | None
    finished_at: Moment | None
    duration_ms: int | None = Field(description="Duration of the import, without the time in the queue")


class ReceivedObjectList(ResponseModel):
    """A page of objects, newest first."""

    items: list[ReceivedObjectOutput]
    next_cursor: str | None = Field(description="For the next page; null on the last one")


class TracePath(QueryModel):
    """The trace id in a path."""

    trace_id: str = Field(pattern="^[0-9a-f]{32}$")


@api.get("", responses={HTTPStatus.OK: ReceivedObjectList})
def list_received_objects(query: ReceivedObjectFilter) -> Response:
    """List received objects, newest first."""
    with context().transaction() as session:
        page = find_received_objects(session, query)
    items = [ReceivedObjectOutput.model_validate(row) for row in page.items]
    return answer(ReceivedObjectList(items=items, next_cursor=page.next_cursor))


@api.get("/<trace_id>", responses={HTTPStatus.OK: ReceivedObjectOutput} | problems(HTTPStatus.NOT_FOUND))
def get_received_object(path: TracePath) -> Response:
    """Show a received object."""
    with context().transaction() as session:
        return answer(ReceivedObjectOutput.model_validate(find_received_object(session, path.trace_id)))
