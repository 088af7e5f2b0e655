"""REST resource of store nodes: the Store SCPs that Dosewire runs itself, and those of third parties."""

from http import HTTPStatus

from flask import Response, url_for

from services.config_api.actions.nodes import store_nodes
from services.config_api.actions.nodes.store_node_input import StoreNodeInput, StoreNodePatch
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.nodes.store_node_models import StoreNodeList, StoreNodeOutput
from services.config_api.web.current import caller, context

api = blueprint("store_nodes", tag="Store nodes", description="Where Dosewire receives objects (C-STORE, C-ECHO)")


@api.get("", responses={HTTPStatus.OK: StoreNodeList})
def list_store_nodes() -> Response:
    """List the store nodes."""
    with context().transaction() as session:
        nodes = store_nodes.list_store_nodes(session)
    return answer(StoreNodeList(items=[StoreNodeOutput.of(node) for node in nodes]))


@api.post("", responses={HTTPStatus.CREATED: StoreNodeOutput} | problems(HTTPStatus.CONFLICT))
def create_store_node(body: StoreNodeInput) -> Response:
    """Create a store node; a managed and enabled one starts within seconds."""
    with context().transaction() as session:
        output = StoreNodeOutput.of(store_nodes.add_store_node(session, body, switched_by=caller()))
    return created(output, url_for(".get_store_node", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: StoreNodeOutput} | problems(HTTPStatus.NOT_FOUND))
def get_store_node(path: IdPath) -> Response:
    """Show a store node."""
    with context().transaction() as session:
        return answer(StoreNodeOutput.of(store_nodes.find_store_node(session, path.id)))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: StoreNodeOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_store_node(path: IdPath, body: StoreNodePatch) -> Response:
    """Change a store node; a running one restarts where its AE title or port changes."""
    with context().transaction() as session:
        node = store_nodes.change_store_node(session, path.id, body, switched_by=caller())
        return answer(StoreNodeOutput.of(node))


@api.delete(
    "/<int:id>",
    responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_store_node(path: IdPath) -> Response:
    """Delete a store node; it has to be disabled and to have stopped."""
    with context().transaction() as session:
        store_nodes.delete_store_node(session, path.id)
    return no_content()
