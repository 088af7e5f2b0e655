"""Rejected callers: whom store nodes have turned away, and what to change where that was not meant."""

from http import HTTPStatus

from flask import Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import MomentInQuery, QueryModel
from services.config_api.api.common.base import IdPath, Moment, ResponseModel, answer, blueprint, no_content, problems
from services.config_api.web import problem
from services.config_api.web.current import context
from shared.database.models import RejectedCaller, StoreNode

api = blueprint(
    "rejected_callers", tag="Rejected callers", description="Whom store nodes have turned away, and what to change"
)


class RejectedCallerQuery(QueryModel):
    """Which callers; filters are combined with AND."""

    store_node_id: int | None = Field(default=None, ge=1, le=2**31 - 1)
    calling_ae_title: str | None = Field(default=None, max_length=16)
    since: MomentInQuery | None = Field(default=None, description="Turned away at or after, with a time zone")
    limit: int = Field(default=100, ge=1, le=500)


class RejectedCallerOutput(ResponseModel):
    """One caller that a node has turned away for one cause. No patient data."""

    id: int
    store_node_id: int
    store_node: str = Field(description="The node's friendly name")
    cause: str = Field(examples=["calling_ae_title"])
    called_ae_title: str
    calling_ae_title: str = Field(description="As the caller named itself; empty where it came to no request")
    peer_address: str = Field(description="Empty where several callers are counted together")
    words: str = Field(description="What happened")
    advice: str = Field(description="What to change where it should not have happened")
    rejections: int
    first_at: Moment
    last_at: Moment


class RejectedCallerList(ResponseModel):
    """The latest first."""

    items: list[RejectedCallerOutput]


@api.get("", responses={HTTPStatus.OK: RejectedCallerList})
def list_rejected_callers(query: RejectedCallerQuery) -> Response:
    """List who was turned away, the latest first; of each node the latest 200 are kept."""
    with context().transaction() as session:
        return answer(RejectedCallerList(items=find_rejected_callers(session, query)))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def forget_rejected_caller(path: IdPath) -> Response:
    """Forget a caller that was turned away; it appears again when it calls again."""
    with context().transaction() as session:
        row = session.get(RejectedCaller, path.id)
        if row is None:
            raise problem.not_found(
                f"there is no rejected caller {path.id}", "GET /api/v1/rejected-callers lists those there are"
            )
        session.delete(row)
    return no_content()


def find_rejected_callers(session: Session, query: RejectedCallerQuery) -> list[RejectedCallerOutput]:
    """Return the callers that a query asks for, the latest first."""
    statement = (
        select(*RejectedCaller.__table__.columns, StoreNode.name.label("store_node"))
        .join(StoreNode, StoreNode.id == RejectedCaller.store_node_id)
        .order_by(RejectedCaller.last_at.desc(), RejectedCaller.id.desc())
        .limit(query.limit)
    )
    if query.store_node_id is not None:
        statement = statement.where(RejectedCaller.store_node_id == query.store_node_id)
    if query.calling_ae_title is not None:
        statement = statement.where(RejectedCaller.calling_ae_title == query.calling_ae_title)
    if query.since is not None:
        statement = statement.where(RejectedCaller.last_at >= query.since)
    return [RejectedCallerOutput.model_validate(row) for row in session.execute(statement)]
