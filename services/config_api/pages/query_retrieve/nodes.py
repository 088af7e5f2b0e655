"""The nodes that a form offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.models import RemoteNode, StoreNode


@dataclass(frozen=True, slots=True)
class NodeChoices:
    """The remote nodes and store nodes that a form offers, by name."""

    remote: Sequence[RemoteNode]
    store: Sequence[StoreNode]


def find_nodes(session: Session) -> NodeChoices:
    """Return the nodes by name."""
    return NodeChoices(
        session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all(),
        session.scalars(select(StoreNode).order_by(StoreNode.name)).all(),
    )
