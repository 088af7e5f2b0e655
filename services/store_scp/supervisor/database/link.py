"""The thread that talks to the database, so that neither nodes nor dispatcher ever wait for it."""

import threading
import time
from collections import deque
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from services.store_scp.common.definitions import DefinitionsFile, NodeDefinition
from services.store_scp.common.node_output import CallerRejected
from services.store_scp.supervisor.database.registry import ManagedNodes, NodeObservation, Registry
from services.store_scp.supervisor.database.rejection_book import RejectionBook
from shared.database.engine import reason
from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.messages import ImportObject

POLL_SECONDS = 0.5
STATE_REFRESH_SECONDS = 10.0
REJECTIONS_EVERY_SECONDS = 2.0
"""Seconds between two writes of rejected callers, so that a flood of them costs one statement in this time."""
MAX_UNRECORDED = 50_000
"""Objects whose row waits for the database; older ones are dropped, the importer writes the row as well."""
BATCH = 500

log = get_logger(__name__)


class DatabaseLink:
    """Keeps the newest definitions here, takes states and objects to write, and does both in its own thread.

    With the database away everything else goes on with the last known definitions, at first those beside the spool.
    """

    def __init__(self, *, registry: Registry, kept: DefinitionsFile, health: Health) -> None:
        self._registry = registry
        self._kept = kept
        self._health = health
        self._kept_definitions = kept.read()
        self._nodes = ManagedNodes(wanted=self._kept_definitions, known=bool(self._kept_definitions))
        self._lock = threading.Lock()
        self._states: dict[int, NodeObservation] = {}
        self._unrecorded: deque[ImportObject] = deque(maxlen=MAX_UNRECORDED)
        self._rejections = RejectionBook()
        self._rejections_at = float("-inf")

    @property
    def nodes(self) -> ManagedNodes:
        """The last known definitions of our nodes."""
        return self._nodes

    def observed(self, states: Mapping[int, NodeObservation]) -> None:
        """Have the states written."""
        with self._lock:
            self._states.update(states)

    def record(self, message: ImportObject) -> None:
        """Have the object's row written; never blocks."""
        self._unrecorded.append(message)

    def rejected(self, definition: NodeDefinition, caller: CallerRejected) -> None:
        """Count a rejected caller of a node; never blocks."""
        self._rejections.add(node_id=definition.node_id, node=definition.name, caller=caller)

    def run(self, stop: threading.Event) -> None:
        """Exchange with the database until `stop` is set, and once more after that."""
        while True:
            last = stop.is_set()
            try:
                self._exchange(last=last)
                self._health.report("database", ready=True)
            except Unavailable as error:
                self._health.report("database", ready=False, detail=str(error))
                log.warning("database is away; nodes run with the last known definitions", error=str(error))
            except SQLAlchemyError as error:
                self._health.report("database", ready=False, detail=reason(error))
                log.error("database refuses us", error=reason(error))
            if last:
                return
            stop.wait(POLL_SECONDS)

    def _exchange(self, *, last: bool) -> None:
        self._nodes = self._registry.nodes()
        self._keep()
        with self._lock:
            states, self._states = self._states, {}
        if states:
            self._registry.write_states(states)
        if last or time.monotonic() - self._rejections_at > REJECTIONS_EVERY_SECONDS:
            self._rejections_at = time.monotonic()
            self._write_rejections()
        while self._unrecorded:
            batch = [self._unrecorded.popleft() for _ in range(min(BATCH, len(self._unrecorded)))]
            try:
                self._registry.record_queued(batch)
            except Unavailable:
                self._unrecorded.extendleft(reversed(batch))
                raise

    def _write_rejections(self) -> None:
        counted = self._rejections.take()
        try:
            self._registry.record_rejections(counted)
        except Unavailable:
            self._rejections.put_back(counted)
            raise

    def _keep(self) -> None:
        if self._nodes.wanted == self._kept_definitions:
            return
        try:
            self._kept.write(self._nodes.wanted)
            self._kept_definitions = self._nodes.wanted
        except OSError as error:
            log.error("node definitions cannot be kept beside the spool", error=str(error))
