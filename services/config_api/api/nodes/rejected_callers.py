"""REST resource of rejected callers: callers that store nodes have turned away, and the setting to change."""

from http import HTTPStatus
from typing import Self

from flask import Response
from pydantic import Field

from services.config_api.actions.nodes import rejected_callers
from services.config_api.actions.nodes.rejected_callers import CallerAtNode, RejectedCallerFilter
from services.config_api.api.common.base import (
    IdPath,
    Moment,
    ResponseModel,
    answer,
    blueprint,
    no_content,
    problems,
)
from services.config_api.web.current import context

api = blueprint(
    "rejected_callers", tag="Rejected callers", description="Callers that store nodes have turned away; what to change"
)


class RejectedCallerOutput(ResponseModel):
    """One caller that a node has rejected for one cause. No patient data."""

    id: int
    store_node_id: int
    store_node: str = Field(description="The node's friendly name")
    cause: str = Field(examples=["calling_ae_title"])
    called_ae_title: str
    calling_ae_title: str = Field(description="As the caller named itself; empty where it sent no association request")
    peer_address: str = Field(description="Empty where several callers are counted together")
    words: str = Field(description="The reason for the rejection")
    advice: str = Field(description="The setting to change where the caller should be admitted")
    rejections: int
    first_at: Moment
    last_at: Moment

    @classmethod
    def of(cls, row: CallerAtNode) -> Self:
        """Return the response for a rejected caller."""
        same = cls.model_fields.keys() - {"store_node"}
        return cls(store_node=row.store_node, **{name: getattr(row.caller, name) for name in same})


class RejectedCallerList(ResponseModel):
    """Rejected callers, the latest first."""

    items: list[RejectedCallerOutput]


@api.get("", responses={HTTPStatus.OK: RejectedCallerList})
def list_rejected_callers(query: RejectedCallerFilter) -> Response:
    """List rejected callers, the latest first; of each node the latest 200 are kept."""
    with context().transaction() as session:
        found = rejected_callers.list_rejected_callers(session, query)
    return answer(RejectedCallerList(items=[RejectedCallerOutput.of(row) for row in found]))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def forget_rejected_caller(path: IdPath) -> Response:
    """Forget a rejected caller; it appears again when it is rejected again."""
    with context().transaction() as session:
        rejected_callers.forget_rejected_caller(session, path.id)
    return no_content()
