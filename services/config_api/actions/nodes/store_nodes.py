"""Store nodes: created, changed, enabled and disabled, deleted."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.nodes.node_rules import duplicate_name, port_in_use, why_not_deletable
from services.config_api.actions.nodes.store_node_input import StoreNodeInput, StoreNodePatch
from services.config_api.actions.query_retrieve.schedules import refuse_if_scheduled
from services.config_api.status.observation import observe
from services.config_api.web import problem
from shared.database.base import now
from shared.database.models import QrJob, QrSchedule, StoreNode


def list_store_nodes(session: Session) -> Sequence[StoreNode]:
    """Return the store nodes by name."""
    return session.scalars(select(StoreNode).order_by(StoreNode.name)).all()


def find_store_node(session: Session, node_id: int) -> StoreNode:
    """Return a store node.

    Raises:
        ProblemError: there is none of this id.
    """
    node = session.get(StoreNode, node_id)
    if node is None:
        raise problem.not_found(f"there is no store node {node_id}", "GET /api/v1/store-nodes lists those there are")
    return node


def add_store_node(session: Session, wanted: StoreNodeInput, *, switched_by: str) -> StoreNode:
    """Create a store node; a managed and enabled one starts within seconds.

    Args:
        session: the database.
        wanted: the node as it shall be.
        switched_by: the sender of the request, in words.

    Raises:
        ProblemError: its name or port is in use.
    """
    _check_others(session, wanted, own_id=None)
    node = StoreNode(**wanted.model_dump(), switched_by=switched_by, switched_at=now())
    session.add(node)
    session.flush()
    return node


def change_store_node(session: Session, node_id: int, patch: StoreNodePatch, *, switched_by: str) -> StoreNode:
    """Change the fields of a store node that are in the patch; a running one restarts for a new AE title or port.

    Args:
        session: the database.
        node_id: the node.
        patch: the changed fields.
        switched_by: the sender of the request, in words; stored if it enables or disables the node.

    Raises:
        ProblemError: there is no such node, or the result breaks a rule.
    """
    node = find_store_node(session, node_id)
    wanted = patched(node, patch, into=StoreNodeInput)
    _check_others(session, wanted, own_id=node.id)
    if wanted.enabled != node.enabled:
        node.switched_by, node.switched_at = switched_by, now()
    for name, value in wanted.model_dump().items():
        setattr(node, name, value)
    session.flush()
    return node


def delete_store_node(session: Session, node_id: int) -> None:
    """Delete a store node that is disabled, has stopped, and is the destination of no job or schedule.

    Raises:
        ProblemError: there is no such node, or it has to stay.
    """
    node = find_store_node(session, node_id)
    jobs = session.scalar(select(func.count()).where(QrJob.store_node_id == node.id)) or 0
    reason = why_not_deletable(node, observation=observe(node, now=now()), jobs=jobs)
    if reason is not None:
        raise problem.conflict(detail=reason)
    refuse_if_scheduled(session, QrSchedule.store_node_id == node.id)
    session.delete(node)


def _check_others(session: Session, wanted: StoreNodeInput, *, own_id: int | None) -> None:
    """Look at the other nodes, and keep them as they are until the transaction ends."""
    lock_nodes(session)
    others = [node for node in session.scalars(select(StoreNode)) if node.id != own_id]
    found = duplicate_name(wanted.name, others)
    if wanted.managed:
        found += port_in_use(wanted.port, others)
    if found:
        raise problem.conflict(*found)
