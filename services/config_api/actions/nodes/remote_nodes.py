"""Remote nodes: created, changed, deleted."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.nodes.node_rules import duplicate_name
from services.config_api.actions.nodes.remote_node_input import RemoteNodeInput, RemoteNodePatch
from services.config_api.actions.query_retrieve.schedules import refuse_if_scheduled
from services.config_api.web import problem
from shared.database.models import QrJob, QrSchedule, RemoteNode
from shared.dicomweb.settings import origin
from shared.jobs.node_settings import NodeSettings


def list_remote_nodes(session: Session) -> Sequence[RemoteNode]:
    """Return the remote nodes by name."""
    return session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all()


def find_remote_node(session: Session, node_id: int) -> RemoteNode:
    """Return a remote node.

    Raises:
        ProblemError: there is none of this id.
    """
    node = session.get(RemoteNode, node_id)
    if node is None:
        raise problem.not_found(f"there is no remote node {node_id}", "GET /api/v1/remote-nodes lists those there are")
    return node


def add_remote_node(session: Session, wanted: RemoteNodeInput) -> RemoteNode:
    """Create a remote node.

    Raises:
        ProblemError: another one has its name.
    """
    _check_others(session, wanted, own_id=None)
    node = RemoteNode(**wanted.row())
    session.add(node)
    session.flush()
    return node


def change_remote_node(session: Session, node_id: int, patch: RemoteNodePatch) -> RemoteNode:
    """Change the fields of a remote node that are in the patch.

    Raises:
        ProblemError: there is no such node, or the result breaks a rule.
    """
    node = find_remote_node(session, node_id)
    wanted = patched(node, patch, into=RemoteNodeInput)
    _check_others(session, wanted, own_id=node.id)
    _check_credentials(node, wanted, given="dicomweb_credentials" in patch.model_fields_set)
    for name, value in wanted.row().items():
        setattr(node, name, value)
    session.flush()
    return node


def delete_remote_node(session: Session, node_id: int) -> None:
    """Delete a remote node that no job and no schedule refers to.

    Raises:
        ProblemError: there is no such node, or it has to stay.
    """
    node = find_remote_node(session, node_id)
    jobs = session.scalar(select(func.count()).where(QrJob.remote_node_id == node.id)) or 0
    if jobs:
        raise problem.conflict(detail=f"{jobs} query/retrieve jobs refer to remote node {node.name!r}; it has to stay")
    refuse_if_scheduled(session, QrSchedule.remote_node_id == node.id)
    session.delete(node)


def _check_others(session: Session, wanted: RemoteNodeInput, *, own_id: int | None) -> None:
    """Look at the other nodes, and keep them as they are until the transaction ends."""
    lock_nodes(session)
    others = [node for node in session.scalars(select(RemoteNode)) if node.id != own_id]
    found = duplicate_name(wanted.name, others)
    if found:
        raise problem.conflict(*found)


def _check_credentials(node: RemoteNode, wanted: RemoteNodeInput, *, given: bool) -> None:
    """Refuse a new address without new credentials: the stored ones must not be sent to another server."""
    before, after = NodeSettings.model_validate(node.qr_settings).dicomweb, wanted.qr_settings.dicomweb
    if given or wanted.dicomweb_credentials is None or before is None or after is None:
        return
    if origin(before.url) != origin(after.url):
        detail = "have to be given again, as qr_settings.dicomweb.url names another server now; null removes them"
        raise problem.invalid(problem.FieldProblem(field="dicomweb_credentials", detail=detail))
