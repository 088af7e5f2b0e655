"""Queues: how much work waits, is to be tried again, or needs a person."""

from http import HTTPStatus

from flask import Response
from pydantic import Field

from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web.current import context

api = blueprint("queues", tag="Queues", description="How much lies in the broker's queues")


class QueueOutput(ResponseModel):
    """The messages of one kind of work; null while the queues are not declared yet."""

    name: str = Field(examples=["import"])
    work: int | None = Field(description="Waiting for a worker")
    retry: int | None = Field(description="Waiting for their next attempt")
    dead: int | None = Field(description="Will not pass by themselves: a person has to look")


class QueueList(ResponseModel):
    """All kinds of work."""

    items: list[QueueOutput]


@api.get("", responses={HTTPStatus.OK: QueueList})
def list_queues() -> Response:
    """Say how many messages are ready in each queue."""
    depths = context().queues.measure()
    return answer(QueueList(items=[QueueOutput.model_validate(depth) for depth in depths]))
