"""REST resource of C-ECHO to nodes: the last outcome, and a new C-ECHO."""

from http import HTTPStatus
from typing import Self

from flask import Response, url_for
from pydantic import Field

from services.config_api.actions.nodes.node_checks import last_echo, send_echo
from services.config_api.actions.nodes.remote_nodes import find_remote_node
from services.config_api.actions.nodes.store_nodes import find_store_node
from services.config_api.api.common.base import IdPath, Moment, ResponseModel, accepted, answer, problems
from services.config_api.api.nodes.remote_nodes import api as remote_nodes
from services.config_api.api.nodes.store_nodes import api as store_nodes
from services.config_api.status.echo_status import EchoStatus
from services.config_api.web.current import context
from shared.database.models import RemoteNode, StoreNode


class EchoOutput(ResponseModel):
    """The outcome of a C-ECHO."""

    alive: bool | None = Field(description="null: there is no outcome yet")
    state: str = Field(examples=["alive", "association fail", "no answer yet"])
    detail: str = Field(description="What happened, and what to look at, in words")
    duration_ms: int | None = Field(description="null where it is not known, as of a managed store node")
    echoed_at: Moment | None = Field(description="When it was sent")
    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str | None = Field(description="null for a managed store node: store_scp draws one by lot")

    @classmethod
    def of(cls, node: RemoteNode | StoreNode, echo: EchoStatus) -> Self:
        """Return the response for an outcome."""
        calling_ae_title: str | None
        if isinstance(node, RemoteNode):
            host, calling_ae_title = node.address, node.calling_ae_title
        else:
            host, calling_ae_title = node.host or context().settings.store_scp_host, echo.calling_ae_title
        return cls(
            alive=echo.alive,
            state=echo.state,
            detail=echo.detail,
            duration_ms=echo.duration_ms,
            echoed_at=echo.echoed_at,
            host=host,
            port=node.port,
            called_ae_title=node.ae_title,
            calling_ae_title=calling_ae_title,
        )


ECHOED = {HTTPStatus.OK: EchoOutput, HTTPStatus.ACCEPTED: EchoOutput} | problems(HTTPStatus.NOT_FOUND)
KNOWN = {HTTPStatus.OK: EchoOutput} | problems(HTTPStatus.NOT_FOUND)


@remote_nodes.post("/<int:id>/echo", responses=ECHOED)
def echo_remote_node(path: IdPath) -> Response:
    """Have the qr service send a C-ECHO to a remote node now, and explain the outcome.

    202 where it has not come within some seconds; it can be read at `Location` then.
    """
    return _send(_remote_node(path), ".get_echo_of_remote_node")


@remote_nodes.get("/<int:id>/echo", responses=KNOWN)
def get_echo_of_remote_node(path: IdPath) -> Response:
    """Show the outcome of the last C-ECHO to a remote node."""
    return _show(_remote_node(path))


@store_nodes.post("/<int:id>/echo", responses=ECHOED)
def echo_store_node(path: IdPath) -> Response:
    """Have the qr service send a C-ECHO to the store node of a third party now, and explain the outcome.

    A managed node gets one from store_scp every few seconds: the last one is shown. 202 where the outcome has not come
    within some seconds; it can be read at `Location` then.
    """
    return _send(_store_node(path), ".get_echo_of_store_node")


@store_nodes.get("/<int:id>/echo", responses=KNOWN)
def get_echo_of_store_node(path: IdPath) -> Response:
    """Show the outcome of the last C-ECHO to a store node."""
    return _show(_store_node(path))


def _remote_node(path: IdPath) -> RemoteNode:
    with context().transaction() as session:
        return find_remote_node(session, path.id)


def _store_node(path: IdPath) -> StoreNode:
    with context().transaction() as session:
        return find_store_node(session, path.id)


def _send(node: RemoteNode | StoreNode, where_to_read: str) -> Response:
    output = EchoOutput.of(node, send_echo(context(), node))
    if output.alive is None:
        return accepted(output, url_for(where_to_read, id=node.id))
    return answer(output)


def _show(node: RemoteNode | StoreNode) -> Response:
    return answer(EchoOutput.of(node, last_echo(context(), node)))
