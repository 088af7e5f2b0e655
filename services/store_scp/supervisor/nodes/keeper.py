"""The keeper of one store node: starts it as it is defined, watches it, starts it again, stops it."""

import time
from collections.abc import Callable
from functools import partial

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.node_output import CallerRejected, ListeningFailure, port_in_use
from services.store_scp.common.tls import TlsFiles
from services.store_scp.supervisor.database.registry import NodeObservation
from services.store_scp.supervisor.nodes.child import Child, Phase
from services.store_scp.supervisor.nodes.port_holder import who_listens
from services.store_scp.supervisor.nodes.watch import Watch
from shared.backoff import pause_after
from shared.database.models import StoreNodeState
from shared.logging import get_logger

STEADY_AFTER_SECONDS = 30.0
_PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until the next start, after the first end, the second, ... in a row."""

log = get_logger(__name__)


def pause_before(start: int) -> float:
    """Return the seconds to wait before the start number `start` (from 1) after ends in a row."""
    return pause_after(start, _PAUSES)


class NodeKeeper:
    """The life of one node. `step` is called every fraction of a second, from one thread.

    Args:
        bind: the address that nodes listen on.
        announce: told the trace ids of objects that are safe.
        tell_rejected: told the node and each caller that it has turned away.
        drain_seconds: how long a process that was stopped may take before it is ended.
        tls_files: with which a node that speaks TLS is called.
        node_of_group: returns the name of the node that has a process group; None: no node of ours has it.
    """

    def __init__(
        self,
        *,
        definition: NodeDefinition,
        bind: str,
        announce: Callable[[str], None],
        tell_rejected: Callable[[NodeDefinition, CallerRejected], None],
        drain_seconds: float,
        tls_files: TlsFiles | None = None,
        node_of_group: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        self._definition: NodeDefinition | None = definition
        self._announce = announce
        self._tell_rejected = tell_rejected
        self._drain_seconds = drain_seconds
        self._node_of_group = node_of_group
        self._child: Child | None = None
        self._leaving: list[tuple[Child, float]] = []
        self._not_before = 0.0
        self._ends_in_a_row = 0
        self._started_at = 0.0
        self._watch = Watch(bind=bind, tls_files=tls_files)
        self.observation = NodeObservation(StoreNodeState.STARTING)

    @property
    def gone(self) -> bool:
        """Whether the node is not wanted any more and all its processes have ended."""
        return self._definition is None and self._child is None and not self._leaving

    def define(self, definition: NodeDefinition | None) -> None:
        """Run the node with this definition; None: stop it. A running process finishes its objects first."""
        if definition == self._definition:
            return
        if definition is not None and self._child is not None and _is_same_process(definition, self._definition):
            self._definition = definition
            return
        log.info(
            "store node changed" if definition else "store node stopped",
            node=definition.name if definition else self._name,
        )
        self._definition = definition
        self._retire()
        self._not_before, self._ends_in_a_row = 0.0, 0
        self.observation = NodeObservation(StoreNodeState.STARTING)
        if definition is None:
            self.observation = NodeObservation(StoreNodeState.STOPPING, "finishes the objects that are on their way")

    def step(self) -> None:
        """Take the next action that is due."""
        now = time.monotonic()
        self._end_leaving(now)
        if self._child is None:
            self._start_when_due(now)
        elif self._child.phase is Phase.ENDED:
            self._ended(self._child, now)
        elif self._child.phase is Phase.LISTENING:
            self._look(self._child, now)

    @property
    def definition(self) -> NodeDefinition | None:
        """The wanted definition of the node; None: it has to stop."""
        return self._definition

    @property
    def groups(self) -> set[int]:
        """The process groups of the node's processes, of those that still finish something as well."""
        children = [child for child, _ in self._leaving] + ([self._child] if self._child else [])
        return {child.pid for child in children}

    @property
    def open_associations(self) -> int:
        """The number of associations of the node's processes, also of those that finish."""
        children = [child for child, _ in self._leaving] + ([self._child] if self._child else [])
        return sum(child.open_associations for child in children if child.phase is not Phase.ENDED)

    @property
    def name(self) -> str:
        """The node's friendly name, as it was last known."""
        return self._name

    @property
    def _name(self) -> str:
        definition = self._definition or (self._child.definition if self._child else None)
        return definition.name if definition else ""

    def _start_when_due(self, now: float) -> None:
        port_is_free = all(child.phase in (Phase.DRAINING, Phase.ENDED) for child, _ in self._leaving)
        if self._definition is None or now < self._not_before or not port_is_free:
            return
        self._started_at = now
        self._watch.begin(now=now)
        try:
            self._child = Child(
                definition=self._definition,
                announce=self._announce,
                tell_rejected=partial(self._tell_rejected, self._definition),
            )
        except OSError as error:  # no memory, no more processes
            self._not_started(f"the node's process cannot be started: {error.strerror}", now)
            return
        if self.observation.state is not StoreNodeState.FAILED:
            self.observation = NodeObservation(StoreNodeState.STARTING)

    def _ended(self, child: Child, now: float) -> None:
        child.wait(1.0)
        self._child = None
        self._not_started(self._why_ended(child), now)

    def _not_started(self, reason: str, now: float) -> None:
        """Note that there is no process, and when the next one is due."""
        self._ends_in_a_row = 1 if now - self._started_at > STEADY_AFTER_SECONDS else self._ends_in_a_row + 1
        self.observation = NodeObservation(StoreNodeState.FAILED, reason)
        log.error("store node down", node=self._name, reason=reason)
        keep_alive = self._definition is not None and self._definition.keep_alive
        self._not_before = now + pause_before(self._ends_in_a_row) if keep_alive else float("inf")

    def _why_ended(self, child: Child) -> str:
        """Return the reason why a process has ended, in words, with the program that uses its port if known."""
        if child.failure is None or child.failure.cause is not ListeningFailure.PORT_IN_USE:
            return child.how_it_ended
        port = child.definition.port
        holder = who_listens(port)
        if holder is None:
            return child.how_it_ended
        node = self._node_of_group(holder.group)
        return port_in_use(port, by=f"store node {node!r}" if node else f"{holder.command} (process {holder.pid})")

    def _look(self, child: Child, now: float) -> None:
        result = self._watch.look(child, now=now)
        if result is None:
            return
        if result.problem is None:
            if self.observation.state is not StoreNodeState.ALIVE:
                log.info("store node alive", node=child.definition.name, port=child.definition.port)
            self.observation = NodeObservation(StoreNodeState.ALIVE)
            return
        self.observation = NodeObservation(StoreNodeState.FAILED, f"does not answer C-ECHO: {result.problem}")
        log.warning("store node does not answer", node=child.definition.name, reason=result.problem)
        if self._watch.hangs(result, now=now):
            log.error("store node hangs and is ended", node=child.definition.name)
            child.kill()

    def _retire(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._leaving.append((self._child, time.monotonic() + self._drain_seconds + 5.0))
            self._child = None

    def _end_leaving(self, now: float) -> None:
        for child, deadline in self._leaving:
            if child.phase is Phase.ENDED:
                child.wait(1.0)
            elif now > deadline:
                log.error("store node does not stop and is ended", node=child.definition.name)
                child.kill()
        self._leaving = [(child, deadline) for child, deadline in self._leaving if child.phase is not Phase.ENDED]


def _is_same_process(definition: NodeDefinition, before: NodeDefinition | None) -> bool:
    """Tell whether a new definition needs no new process: `keep_alive` concerns the keeper only."""
    return before is not None and definition == before.model_copy(update={"keep_alive": definition.keep_alive})
