"""The nodes that a form can name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database.models import RemoteNode, StoreNode


@dataclass(frozen=True, slots=True)
class Nodes:
    """Whom a form can name."""

    remote: Sequence[RemoteNode]
    store: Sequence[StoreNode]


def find_nodes(session: Session) -> Nodes:
    """Return the nodes by name."""
    return Nodes(
        session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all(),
        session.scalars(select(StoreNode).order_by(StoreNode.name)).all(),
    )
