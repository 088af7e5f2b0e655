"""What a node must not have in common with the other nodes. Pure: no database, no HTTP."""

from collections.abc import Iterable

from services.config_api.status.observation import Observation
from services.config_api.web.problem import FieldProblem
from shared.database.models import RemoteNode, StoreNode

Node = StoreNode | RemoteNode
ANY_CALLER = "any caller"
SHOWN = 3
"""AE titles or networks that are listed; of more only the number is shown."""


def duplicate_name(name: str, others: Iterable[Node]) -> list[FieldProblem]:
    """Find another node of the same friendly name; capitals make no difference to a person."""
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


def who_may_call(node: StoreNode) -> str:
    """Say in short who may call a managed node, for a list of nodes."""
    titles, peers = list(node.allowed_calling_ae_titles), list(node.allowed_peers)
    words = [_few(titles, "calling AE titles") if titles else ANY_CALLER]
    if peers:
        words.append("from " + _few(peers, "networks"))
    if not node.check_called_ae_title:
        words.append("any called AE title")
    if node.tls:
        words.append("TLS with a certificate" if node.require_client_certificate else "TLS")
    return ", ".join(words)


def _few(items: list[str], what: str) -> str:
    return " or ".join(items) if len(items) <= SHOWN else f"{len(items)} {what}"


def why_not_deletable(node: StoreNode, *, observation: Observation, jobs: int) -> str | None:
    """Say why a store node has to stay, or return None.

    Args:
        node: the node to delete.
        observation: what it was seen to do.
        jobs: how many query/retrieve jobs name it as their destination.
    """
    if node.managed and node.enabled:
        return f"store node {node.name!r} is enabled: set enabled to false first, so that it stops receiving"
    if observation.running:
        return f"store node {node.name!r} is still {observation.state}: wait until it has stopped, then delete it"
    if jobs:
        return f"{jobs} query/retrieve jobs name store node {node.name!r} as their destination: keep it disabled"
    return None
