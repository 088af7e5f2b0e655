"""References to nodes: the id, the friendly name or the AE title of a node in a request."""

from typing import Annotated, TypeVar

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.web.problem import FieldProblem
from shared.database.models import RemoteNode, StoreNode

NodeReference = Annotated[int | str, Field(description="Its id, friendly name or AE title", examples=["PACS"])]
NodeT = TypeVar("NodeT", RemoteNode, StoreNode)


def find_node(
    session: Session, model: type[NodeT], field: str, reference: int | str
) -> tuple[NodeT | None, list[FieldProblem]]:
    """Return the node that `reference` names, or None and what is wrong with the request's `field`."""
    nodes = session.scalars(select(model).order_by(model.name)).all()
    for names in (_ids, _names, _ae_titles):
        found = [node for node in nodes if names(node) == reference]
        if len(found) == 1:
            return found[0], []
        if found:
            several = ", ".join(f"{node.name!r} (id {node.id})" for node in found)
            return None, [FieldProblem(field=field, detail=f"is the AE title of several nodes: {several}; give the id")]
    known = ", ".join(f"{node.name!r} (id {node.id}, AE title {node.ae_title})" for node in nodes[:20])
    kind = field.replace("_", " ")
    fix = f"there are {known}" if known else f"create a {kind} first"
    return None, [FieldProblem(field=field, detail=f"no {kind} has this id, friendly name or AE title; {fix}")]


def _ids(node: RemoteNode | StoreNode) -> int | str:
    return node.id


def _names(node: RemoteNode | StoreNode) -> int | str:
    return node.name


def _ae_titles(node: RemoteNode | StoreNode) -> int | str:
    return node.ae_title
