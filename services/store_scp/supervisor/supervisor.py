"""The supervisor of all nodes: it runs them as the database defines them, and reports their states."""

import threading
import time

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.node_output import CallerRejected
from services.store_scp.common.rejection import Cause
from services.store_scp.common.tls import TlsFiles
from services.store_scp.supervisor.commitment.reporter import Reporter
from services.store_scp.supervisor.database.link import STATE_REFRESH_SECONDS, DatabaseLink
from services.store_scp.supervisor.database.registry import ManagedNodes, NodeObservation
from services.store_scp.supervisor.dispatch.dispatcher import Dispatcher
from services.store_scp.supervisor.nodes.echo import reachable
from services.store_scp.supervisor.nodes.keeper import NodeKeeper
from services.store_scp.supervisor.nodes.remarks import Remarks
from shared.database.models import StoreNodeState
from shared.health import Health
from shared.logging import get_logger
from shared.metrics import ASSOCIATIONS_OPEN, ASSOCIATIONS_REJECTED, NODES_ALIVE

STEP_SECONDS = 0.1

log = get_logger(__name__)


class Supervisor:
    """Runs the nodes, the dispatcher and the link to the database, and reports their states."""

    def __init__(
        self,
        *,
        link: DatabaseLink,
        dispatcher: Dispatcher,
        reporter: Reporter,
        health: Health,
        remarks: Remarks,
        tls_files: TlsFiles | None,
        bind: str,
        drain_seconds: float,
    ) -> None:
        self._link = link
        self._dispatcher = dispatcher
        self._reporter = reporter
        self._health = health
        self._remarks = remarks
        self._tls_files = tls_files
        self._bind = bind
        self._drain_seconds = drain_seconds
        self._keepers: dict[int, NodeKeeper] = {}
        self._reported: dict[int, NodeObservation] = {}
        self._reported_at = 0.0
        self._counted: frozenset[str] = frozenset()
        """The nodes that have metrics."""

    def run(self, stop: threading.Event) -> None:
        """Run until `stop` is set.

        Raises:
            RuntimeError: a thread has died, which is a fault of ours; the container's restart policy helps.
        """
        threads_stop = threading.Event()
        threads = [
            threading.Thread(target=target, args=(threads_stop,), name=name, daemon=True)
            for name, target in (
                ("dispatcher", self._dispatcher.run),
                ("database", self._link.run),
                ("commitment", self._reporter.run),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            while not stop.wait(STEP_SECONDS):
                self._health.beat()
                self._step(self._link.nodes)
                for thread in threads:
                    if not thread.is_alive():
                        raise RuntimeError(f"the {thread.name} thread has died")
        finally:
            self._stop_nodes()
            threads_stop.set()
            for thread in threads:
                thread.join(10.0)

    def _step(self, nodes: ManagedNodes) -> None:
        wanted = {definition.node_id: definition for definition in nodes.wanted}
        for node_id, definition in wanted.items():
            if node_id in self._keepers:
                self._keepers[node_id].define(definition)
            else:
                log.info("store node defined", node=definition.name, ae_title=definition.ae_title, port=definition.port)
                self._keepers[node_id] = NodeKeeper(
                    definition=definition,
                    bind=self._bind,
                    announce=self._dispatcher.announce,
                    tell_rejected=self._rejected,
                    drain_seconds=self._drain_seconds,
                    tls_files=self._tls_files,
                    node_of_group=self._node_of_group,
                )
        for node_id, keeper in list(self._keepers.items()):
            if node_id not in wanted:
                keeper.define(None)
            keeper.step()
            if keeper.gone:
                del self._keepers[node_id]
        self._count_associations()
        self._report(nodes)

    def _count_associations(self) -> None:
        """Set the metrics of open associations; nodes that are gone or renamed are removed from them."""
        counts = {keeper.name: keeper.open_associations for keeper in self._keepers.values() if keeper.name}
        for name in self._counted - counts.keys():
            ASSOCIATIONS_OPEN.remove(name)
        for name, count in counts.items():
            ASSOCIATIONS_OPEN.labels(node=name).set(count)
        self._counted = frozenset(counts)

    def _report(self, nodes: ManagedNodes) -> None:
        """Have new states written at once, and all of them at intervals: their age shows that this runs."""
        observed = {node_id: NodeObservation(StoreNodeState.STOPPED, why) for node_id, why in nodes.disabled.items()}
        observed |= {node_id: self._observe(keeper) for node_id, keeper in self._keepers.items()}
        now = time.monotonic()
        if now - self._reported_at > STATE_REFRESH_SECONDS:
            self._reported, self._reported_at = {}, now
        self._link.observed({key: value for key, value in observed.items() if self._reported.get(key) != value})
        self._reported = observed
        alive = sum(observation.state is StoreNodeState.ALIVE for observation in observed.values())
        NODES_ALIVE.set(alive)
        wanted = len(nodes.wanted)
        detail = f"{alive} of {wanted} store nodes alive" if nodes.known else "no node definitions yet"
        self._health.report("nodes", ready=nodes.known and alive >= wanted, detail=detail)
        self._remarks.report(self._health)

    def _observe(self, keeper: NodeKeeper) -> NodeObservation:
        """Return the observed state of a node, with remarks if it is alive."""
        seen, definition = keeper.observation, keeper.definition
        if seen.state is not StoreNodeState.ALIVE or definition is None:
            return seen
        return NodeObservation(seen.state, self._remarks.on(definition))

    def _rejected(self, definition: NodeDefinition, caller: CallerRejected) -> None:
        """Count a rejected caller; called by the thread that reads the node's output."""
        if caller.cause is Cause.TLS and definition.require_client_certificate and _is_here(caller, self._bind):
            return  # our own look at a node that asks for a certificate
        ASSOCIATIONS_REJECTED.labels(node=definition.name, cause=caller.cause.value).inc()
        self._link.rejected(definition, caller)

    def _node_of_group(self, group: int) -> str | None:
        return next((keeper.name for keeper in self._keepers.values() if group in keeper.groups), None)

    def _stop_nodes(self) -> None:
        """Stop all nodes at the same time, and wait until they have finished."""
        for keeper in self._keepers.values():
            keeper.define(None)
        while any(not keeper.gone for keeper in self._keepers.values()):
            self._health.beat()
            for keeper in self._keepers.values():
                keeper.step()
            time.sleep(STEP_SECONDS)
        stopped = NodeObservation(StoreNodeState.STOPPED, "the store_scp service is stopped")
        self._link.observed(dict.fromkeys(self._keepers, stopped))


def _is_here(caller: CallerRejected, bind: str) -> bool:
    return caller.peer_address in {"127.0.0.1", "::1", "::ffff:127.0.0.1", reachable(bind)}
