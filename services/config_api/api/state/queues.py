"""REST resource of queues: messages that wait, messages that are to be tried again, and dead letters."""

from http import HTTPStatus

from flask import Response
from pydantic import Field

from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web.current import context

api = blueprint("queues", tag="Queues", description="The depths of the broker's queues")


class QueueOutput(ResponseModel):
    """The messages of one kind of work; null while the queues are not declared yet."""

    name: str = Field(examples=["import"])
    work: int | None = Field(description="Waiting for a worker")
    retry: int | None = Field(description="Waiting for their next attempt")
    dead: int | None = Field(description="In the dead-letter queue: a person has to look")


class QueueList(ResponseModel):
    """All kinds of work."""

    items: list[QueueOutput]


@api.get("", responses={HTTPStatus.OK: QueueList})
def list_queues() -> Response:
    """List the number of messages that are ready in each queue."""
    depths = context().queues.measure()
    return answer(QueueList(items=[QueueOutput.model_validate(depth) for depth in depths]))
