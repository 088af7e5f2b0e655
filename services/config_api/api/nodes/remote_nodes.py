"""REST resource of remote nodes: the PACS and modalities that Dosewire queries and retrieves from."""

from http import HTTPStatus

from flask import Response, url_for

from services.config_api.actions.nodes import remote_nodes
from services.config_api.actions.nodes.remote_node_input import RemoteNodeInput, RemoteNodePatch
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.nodes.remote_node_models import RemoteNodeList, RemoteNodeOutput
from services.config_api.web.current import context

api = blueprint("remote_nodes", tag="Remote nodes", description="PACS and modalities to query (C-FIND, C-MOVE, C-ECHO)")


@api.get("", responses={HTTPStatus.OK: RemoteNodeList})
def list_remote_nodes() -> Response:
    """List the remote nodes."""
    with context().transaction() as session:
        nodes = remote_nodes.list_remote_nodes(session)
    return answer(RemoteNodeList(items=[RemoteNodeOutput.of(node) for node in nodes]))


@api.post("", responses={HTTPStatus.CREATED: RemoteNodeOutput} | problems(HTTPStatus.CONFLICT))
def create_remote_node(body: RemoteNodeInput) -> Response:
    """Create a remote node."""
    with context().transaction() as session:
        output = RemoteNodeOutput.of(remote_nodes.add_remote_node(session, body))
    return created(output, url_for(".get_remote_node", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: RemoteNodeOutput} | problems(HTTPStatus.NOT_FOUND))
def get_remote_node(path: IdPath) -> Response:
    """Show a remote node."""
    with context().transaction() as session:
        return answer(RemoteNodeOutput.of(remote_nodes.find_remote_node(session, path.id)))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: RemoteNodeOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_remote_node(path: IdPath, body: RemoteNodePatch) -> Response:
    """Change a remote node."""
    with context().transaction() as session:
        return answer(RemoteNodeOutput.of(remote_nodes.change_remote_node(session, path.id, body)))


@api.delete(
    "/<int:id>",
    responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_remote_node(path: IdPath) -> Response:
    """Delete a remote node which no job refers to."""
    with context().transaction() as session:
        remote_nodes.delete_remote_node(session, path.id)
    return no_content()
