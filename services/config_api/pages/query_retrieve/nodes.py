"""The nodes that a form offers for choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.config_api.actions.nodes.remote_nodes import list_remote_nodes
from services.config_api.actions.nodes.store_nodes import list_store_nodes
from shared.database.models import RemoteNode, StoreNode


@dataclass(frozen=True, slots=True)
class NodeChoices:
    """The remote nodes and store nodes that a form offers, by name."""

    remote: Sequence[RemoteNode]
    store: Sequence[StoreNode]


def find_nodes(session: Session) -> NodeChoices:
    """Return the nodes by name."""
    return NodeChoices(list_remote_nodes(session), list_store_nodes(session))
