"""Rules between nodes: unique names and ports, and the nodes that have to stay. Pure functions."""

from collections.abc import Iterable

from services.config_api.status.observation import Observation
from services.config_api.web.problem import FieldProblem
from shared.database.models import RemoteNode, StoreNode

Node = StoreNode | RemoteNode


def duplicate_name(name: str, others: Iterable[Node]) -> list[FieldProblem]:
    """Find other nodes of the same friendly name; upper and lower case are the same."""
    return [
        FieldProblem(field="name", detail=f"node {other.id} is called {other.name!r} already; choose another name")
        for other in others
        if other.name.casefold() == name.casefold()
    ]


def port_in_use(port: int, others: Iterable[StoreNode]) -> list[FieldProblem]:
    """Find another managed node on the same port: they all listen on one host."""
    return [
        FieldProblem(field="port", detail=f"port {port} is in use by store node {other.name!r}; choose another port")
        for other in others
        if other.managed and other.port == port
    ]


def why_not_deletable(node: StoreNode, *, observation: Observation, jobs: int) -> str | None:
    """Return why a store node has to stay, in words, or None.

    Args:
        node: the node to delete.
        observation: its state as store_scp has reported it.
        jobs: number of query/retrieve jobs that name it as their destination.
    """
    if node.managed and node.enabled:
        return f"store node {node.name!r} is enabled: set enabled to false first, so that it stops receiving"
    if observation.running:
        return f"store node {node.name!r} is still {observation.state}: wait until it has stopped, then delete it"
    if jobs:
        return f"{jobs} query/retrieve jobs name store node {node.name!r} as their destination: keep it disabled"
    return None
