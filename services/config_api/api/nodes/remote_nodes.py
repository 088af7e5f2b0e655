"""Remote nodes: the PACS and modalities that Dosewire queries and retrieves from."""

from http import HTTPStatus

from flask import Response, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.nodes.node_rules import duplicate_name
from services.config_api.actions.query_retrieve.schedules import refuse_if_scheduled
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.nodes.echo_model import EchoOutput
from services.config_api.api.nodes.remote_node_models import (
    RemoteNodeInput,
    RemoteNodeList,
    RemoteNodeOutput,
    RemoteNodePatch,
)
from services.config_api.targets import target_of_remote_node
from services.config_api.web import problem
from services.config_api.web.current import context
from shared.database.models import QrJob, QrSchedule, RemoteNode
from shared.dicomweb.settings import origin
from shared.jobs.node_settings import NodeSettings

api = blueprint("remote_nodes", tag="Remote nodes", description="PACS and modalities to query (C-FIND, C-MOVE, C-ECHO)")


@api.get("", responses={HTTPStatus.OK: RemoteNodeList})
def list_remote_nodes() -> Response:
    """List the remote nodes."""
    with context().transaction() as session:
        nodes = session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all()
    return answer(RemoteNodeList(items=[RemoteNodeOutput.of(node) for node in nodes]))


@api.post("", responses={HTTPStatus.CREATED: RemoteNodeOutput} | problems(HTTPStatus.CONFLICT))
def create_remote_node(body: RemoteNodeInput) -> Response:
    """Create a remote node."""
    with context().transaction() as session:
        _check_others(session, body, own_id=None)
        node = RemoteNode(**body.row())
        session.add(node)
        session.flush()
        output = RemoteNodeOutput.of(node)
    return created(output, url_for(".get_remote_node", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: RemoteNodeOutput} | problems(HTTPStatus.NOT_FOUND))
def get_remote_node(path: IdPath) -> Response:
    """Show a remote node."""
    with context().transaction() as session:
        return answer(RemoteNodeOutput.of(find_remote_node(session, path.id)))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: RemoteNodeOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_remote_node(path: IdPath, body: RemoteNodePatch) -> Response:
    """Change a remote node."""
    with context().transaction() as session:
        node = find_remote_node(session, path.id)
        wanted = patched(node, body, into=RemoteNodeInput)
        _check_others(session, wanted, own_id=node.id)
        _check_credentials(node, wanted, given="dicomweb_credentials" in body.model_fields_set)
        for name, value in wanted.row().items():
            setattr(node, name, value)
        session.flush()
        return answer(RemoteNodeOutput.of(node))


@api.delete(
    "/<int:id>",
    responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_remote_node(path: IdPath) -> Response:
    """Delete a remote node which no job refers to."""
    with context().transaction() as session:
        node = find_remote_node(session, path.id)
        jobs = session.scalar(select(func.count()).where(QrJob.remote_node_id == node.id)) or 0
        if jobs:
            raise problem.conflict(
                detail=f"{jobs} query/retrieve jobs refer to remote node {node.name!r}; it has to stay"
            )
        refuse_if_scheduled(session, QrSchedule.remote_node_id == node.id)
        session.delete(node)
    return no_content()


@api.post("/<int:id>/echo", responses={HTTPStatus.OK: EchoOutput} | problems(HTTPStatus.NOT_FOUND))
def echo_remote_node(path: IdPath) -> Response:
    """Send a C-ECHO to a remote node now, and explain the outcome."""
    with context().transaction() as session:
        target = target_of_remote_node(find_remote_node(session, path.id))
    return answer(EchoOutput.of(target, context().echoes.ask(target)))


def find_remote_node(session: Session, node_id: int) -> RemoteNode:
    """Return a remote node.

    Raises:
        ProblemError: there is none of this id.
    """
    node = session.get(RemoteNode, node_id)
    if node is None:
        raise problem.not_found(f"there is no remote node {node_id}", "GET /api/v1/remote-nodes lists those there are")
    return node


def _check_others(session: Session, wanted: RemoteNodeInput, *, own_id: int | None) -> None:
    """Look at the other nodes, and keep them as they are until the transaction ends."""
    lock_nodes(session)
    others = [node for node in session.scalars(select(RemoteNode)) if node.id != own_id]
    found = duplicate_name(wanted.name, others)
    if found:
        raise problem.conflict(*found)


def _check_credentials(node: RemoteNode, wanted: RemoteNodeInput, *, given: bool) -> None:
    """Let nobody who does not know the credentials have them sent to a server of his own."""
    before, after = NodeSettings.model_validate(node.qr_settings).dicomweb, wanted.qr_settings.dicomweb
    if given or wanted.dicomweb_credentials is None or before is None or after is None:
        return
    if origin(before.url) != origin(after.url):
        detail = "have to be given again, as qr_settings.dicomweb.url names another server now; null removes them"
        raise problem.invalid(problem.FieldProblem(field="dicomweb_credentials", detail=detail))
