"""Store nodes: the Store SCPs that Dosewire runs itself, and those of third parties, which it only knows of."""

from http import HTTPStatus

from flask import Response, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_nodes, patched
from services.config_api.actions.nodes.node_rules import duplicate_name, port_in_use, why_not_deletable
from services.config_api.actions.query_retrieve.schedules import refuse_if_scheduled
from services.config_api.api.common.base import IdPath, answer, blueprint, created, no_content, problems
from services.config_api.api.nodes.echo_model import EchoOutput
from services.config_api.api.nodes.store_node_models import (
    StoreNodeInput,
    StoreNodeList,
    StoreNodeOutput,
    StoreNodePatch,
)
from services.config_api.status.node_status import echo_of_store_scp
from services.config_api.status.observation import observe
from services.config_api.targets import is_open_to_us, target_of_store_node
from services.config_api.web import problem
from services.config_api.web.current import caller, context
from shared.database.base import now
from shared.database.models import QrJob, QrSchedule, StoreNode

api = blueprint("store_nodes", tag="Store nodes", description="Where Dosewire receives objects (C-STORE, C-ECHO)")


@api.get("", responses={HTTPStatus.OK: StoreNodeList})
def list_store_nodes() -> Response:
    """List the store nodes."""
    with context().transaction() as session:
        nodes = session.scalars(select(StoreNode).order_by(StoreNode.name)).all()
    return answer(StoreNodeList(items=[StoreNodeOutput.of(node) for node in nodes]))


@api.post("", responses={HTTPStatus.CREATED: StoreNodeOutput} | problems(HTTPStatus.CONFLICT))
def create_store_node(body: StoreNodeInput) -> Response:
    """Create a store node; a managed and enabled one starts within seconds."""
    with context().transaction() as session:
        _check_others(session, body, own_id=None)
        node = StoreNode(**body.model_dump(), switched_by=caller(), switched_at=now())
        session.add(node)
        session.flush()
        output = StoreNodeOutput.of(node)
    return created(output, url_for(".get_store_node", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: StoreNodeOutput} | problems(HTTPStatus.NOT_FOUND))
def get_store_node(path: IdPath) -> Response:
    """Show a store node."""
    with context().transaction() as session:
        return answer(StoreNodeOutput.of(find_store_node(session, path.id)))


@api.patch(
    "/<int:id>",
    responses={HTTPStatus.OK: StoreNodeOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def change_store_node(path: IdPath, body: StoreNodePatch) -> Response:
    """Change a store node; a running one restarts where its AE title or port changes."""
    with context().transaction() as session:
        node = find_store_node(session, path.id)
        wanted = patched(node, body, into=StoreNodeInput)
        _check_others(session, wanted, own_id=node.id)
        if wanted.enabled != node.enabled:
            node.switched_by, node.switched_at = caller(), now()
        for name, value in wanted.model_dump().items():
            setattr(node, name, value)
        session.flush()
        return answer(StoreNodeOutput.of(node))


@api.delete(
    "/<int:id>",
    responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete_store_node(path: IdPath) -> Response:
    """Delete a store node; it has to be disabled and to have stopped."""
    with context().transaction() as session:
        node = find_store_node(session, path.id)
        jobs = session.scalar(select(func.count()).where(QrJob.store_node_id == node.id)) or 0
        reason = why_not_deletable(node, observation=observe(node, now=now()), jobs=jobs)
        if reason is not None:
            raise problem.conflict(detail=reason)
        refuse_if_scheduled(session, QrSchedule.store_node_id == node.id)
        session.delete(node)
    return no_content()


@api.post("/<int:id>/echo", responses={HTTPStatus.OK: EchoOutput} | problems(HTTPStatus.NOT_FOUND))
def echo_store_node(path: IdPath) -> Response:
    """Send a C-ECHO to a store node now, and explain the outcome.

    A managed node that does not let this service call it answers the C-ECHO of store_scp, a few seconds ago.
    """
    with context().transaction() as session:
        node = find_store_node(session, path.id)
        target = target_of_store_node(node, context().settings)
        known = None if is_open_to_us(node, context().settings) else echo_of_store_scp(node)
    return answer(EchoOutput.of(target, known or context().echoes.ask(target)))


def find_store_node(session: Session, node_id: int) -> StoreNode:
    """Return a store node.

    Raises:
        ProblemError: there is none of this id.
    """
    node = session.get(StoreNode, node_id)
    if node is None:
        raise problem.not_found(f"there is no store node {node_id}", "GET /api/v1/store-nodes lists those there are")
    return node


def _check_others(session: Session, wanted: StoreNodeInput, *, own_id: int | None) -> None:
    """Look at the other nodes, and keep them as they are until the transaction ends."""
    lock_nodes(session)
    others = [node for node in session.scalars(select(StoreNode)) if node.id != own_id]
    found = duplicate_name(wanted.name, others)
    if wanted.managed:
        found += port_in_use(wanted.port, others)
    if found:
        raise problem.conflict(*found)
