"""The nodes as they should be, as they were reported, and as a C-ECHO finds them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from services.config_api.echo import EchoResult, Target
from services.config_api.status.callers import admitted_callers
from services.config_api.status.observation import Observation, observe
from services.config_api.targets import is_open_to_us, target_of_remote_node, target_of_store_node
from services.config_api.web.context import Context
from shared.database.base import now
from shared.database.models import RemoteNode, StoreNode, StoreNodeState

KEEP_STORE_ECHO_SECONDS = 10.0
KEEP_REMOTE_ECHO_SECONDS = 60.0
"""A PACS is not asked more often than that, however many pages are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node; `echo` is None where it was not asked, `observation` where store_scp does not run it."""

    id: int
    name: str
    kind: str
    ae_title: str
    host: str
    port: int
    managed: bool
    enabled: bool
    callers: str = ""
    """Who may call it, where we know."""
    observation: Observation | None
    echo: EchoResult | None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def look_at_nodes(context: Context, *, echo: bool) -> list[NodeStatus]:
    """Return all nodes, store nodes first; with `echo`, after a C-ECHO to those that should be running.

    Raises:
        Unavailable: the database is away.
    """
    with context.transaction() as session:
        stores = session.scalars(select(StoreNode).order_by(StoreNode.name)).all()
        remotes = session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all()
    store_targets = [(node, target_of_store_node(node, context.settings)) for node in stores]
    remote_targets = [(node, target_of_remote_node(node)) for node in remotes]
    closed = {target: node for node, target in store_targets if not is_open_to_us(node, context.settings)}
    asked = {target: KEEP_STORE_ECHO_SECONDS for node, target in store_targets if node.enabled and target not in closed}
    asked |= {target: KEEP_REMOTE_ECHO_SECONDS for _, target in remote_targets}
    results = context.echoes.look(asked) if echo else {}
    results |= {target: echo_of_store_scp(node) for target, node in closed.items()}
    return [
        *(_store_node(node, target, results) for node, target in store_targets),
        *(_remote_node(node, target, results) for node, target in remote_targets),
    ]


def echo_of_store_scp(node: StoreNode) -> EchoResult:
    """Return the outcome of the C-ECHO that store_scp sends by itself, as far as it is known."""
    seen = observe(node, now=now())
    alive = seen.state is StoreNodeState.ALIVE
    words = "answers the C-ECHO of store_scp; it is not open to this service" if alive else seen.detail
    return EchoResult(alive=alive, detail=words or str(seen.state), duration_ms=0)


def _store_node(node: StoreNode, target: Target, results: Mapping[Target, EchoResult]) -> NodeStatus:
    return NodeStatus(
        id=node.id,
        name=node.name,
        kind="store node" if node.managed else "store node of a third party",
        ae_title=node.ae_title,
        host=target.host,
        port=target.port,
        managed=node.managed,
        enabled=node.enabled,
        callers=admitted_callers(node) if node.managed else "",
        observation=observe(node, now=now()) if node.managed else None,
        echo=results.get(target) if node.enabled else None,
    )


def _remote_node(node: RemoteNode, target: Target, results: Mapping[Target, EchoResult]) -> NodeStatus:
    return NodeStatus(
        id=node.id,
        name=node.name,
        kind="remote node",
        ae_title=node.ae_title,
        host=target.host,
        port=target.port,
        managed=False,
        enabled=True,
        observation=None,
        echo=results.get(target),
    )
