"""Remote nodes: the PACS and modalities that Dosewire queries and retrieves from."""

from http import HTTPStatus
from typing import Self

from flask import Response, url_for
from pydantic import ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api import problem
from services.config_api.api.base import (
    AeTitle,
    FriendlyName,
    Host,
    IdPath,
    IpAddress,
    Moment,
    Port,
    RequestModel,
    ResponseModel,
    answer,
    blueprint,
    created,
    lock_nodes,
    no_content,
    problems,
)
from services.config_api.context import context
from services.config_api.node_rules import duplicate_name
from shared.database.models import QrJob, RemoteNode

api = blueprint("remote_nodes", tag="Remote nodes", description="PACS and modalities to query (C-FIND, C-MOVE, C-ECHO)")


class RemoteNodeInput(RequestModel):
    """A remote node as it shall be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "PACS", "ae_title": "ORTHANC", "hostname": "pacs.example.org", "port": 4242}]
        }
    )

    name: FriendlyName
    ae_title: AeTitle = Field(description="Its AE title, which Dosewire calls")
    calling_ae_title: AeTitle = Field(default="DOSEWIRE", description="The AE title that Dosewire gives itself")
    hostname: Host | None = None
    ip_address: IpAddress | None = Field(
        default=None, description="Used where there is no hostname", validate_default=True
    )
    port: Port

    @field_validator("ip_address")
    @classmethod
    def _some_address(cls, ip_address: str | None, info: ValidationInfo) -> str | None:
        if ip_address is None and info.data.get("hostname", "wrong") is None:
            raise ValueError("hostname or ip_address is required; add one of them")
        return ip_address


class RemoteNodePatch(RequestModel):
    """What to change of a remote node; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"port": 104}]})

    name: FriendlyName | None = None
    ae_title: AeTitle | None = None
    calling_ae_title: AeTitle | None = None
    hostname: Host | None = None
    ip_address: IpAddress | None = None
    port: Port | None = None


class RemoteNodeOutput(ResponseModel):
    """A remote node."""

    id: int
    name: str
    ae_title: str
    calling_ae_title: str
    hostname: str | None
    ip_address: str | None
    port: int
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, node: RemoteNode) -> Self:
        """Return what the interface says of a node."""
        return cls.model_validate(node)


class RemoteNodeList(ResponseModel):
    """All remote nodes, by name."""

    items: list[RemoteNodeOutput]


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
        node = RemoteNode(**body.model_dump())
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
        changed = {name: getattr(node, name) for name in RemoteNodeInput.model_fields}
        changed |= body.model_dump(exclude_unset=True)
        try:
            wanted = RemoteNodeInput.model_validate(changed)
        except ValidationError as error:
            raise problem.invalid(*problem.field_problems(error)) from None
        _check_others(session, wanted, own_id=node.id)
        for name, value in wanted.model_dump().items():
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
        session.delete(node)
    return no_content()


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
