"""Rejected callers: callers that store nodes have turned away, with the setting that would admit them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import MomentInQuery, QueryModel
from services.config_api.web import problem
from shared.database.models import RejectedCaller, StoreNode


class RejectedCallerFilter(QueryModel):
    """The rejected callers of a list; filters are combined with AND."""

    store_node_id: int | None = Field(default=None, ge=1, le=2**31 - 1)
    calling_ae_title: str | None = Field(default=None, max_length=16)
    since: MomentInQuery | None = Field(default=None, description="Rejected at or after, with a time zone")
    limit: int = Field(default=100, ge=1, le=500)


@dataclass(frozen=True, slots=True)
class CallerAtNode:
    """A rejected caller, and the friendly name of the node that has rejected it."""

    caller: RejectedCaller
    store_node: str


def list_rejected_callers(session: Session, wanted: RejectedCallerFilter) -> Sequence[CallerAtNode]:
    """Return rejected callers, the latest first."""
    statement = (
        select(RejectedCaller, StoreNode.name)
        .join(StoreNode, StoreNode.id == RejectedCaller.store_node_id)
        .order_by(RejectedCaller.last_at.desc(), RejectedCaller.id.desc())
        .limit(wanted.limit)
    )
    if wanted.store_node_id is not None:
        statement = statement.where(RejectedCaller.store_node_id == wanted.store_node_id)
    if wanted.calling_ae_title is not None:
        statement = statement.where(RejectedCaller.calling_ae_title == wanted.calling_ae_title)
    if wanted.since is not None:
        statement = statement.where(RejectedCaller.last_at >= wanted.since)
    return [CallerAtNode(caller, name) for caller, name in session.execute(statement)]


def forget_rejected_caller(session: Session, caller_id: int) -> None:
    """Forget a rejected caller; it appears again when it is rejected again.

    Raises:
        ProblemError: there is none of this id.
    """
    row = session.get(RejectedCaller, caller_id)
    if row is None:
        raise problem.not_found(
            f"there is no rejected caller {caller_id}", "GET /api/v1/rejected-callers lists those there are"
        )
    session.delete(row)
