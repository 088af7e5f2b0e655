"""The dispatcher: it publishes a message to the importers for each object in the spool.

Node processes announce objects as they come, which keeps the delay short; what was not announced, or could not be
published, is found by the sweep: on start, by timer, and when the broker is back. So nothing depends on an
announcement, and a broker that is away costs nothing but time.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable

from services.store_scp.supervisor.dispatch.describe import describe, tell
from services.store_scp.supervisor.dispatch.ledger import Ledger
from shared.backoff import pause_after
from shared.broker.publisher import Publisher
from shared.broker.topology import IMPORT, RETRY_DELAYS
from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.messages import ImportObject
from shared.metrics import OBJECTS_RECEIVED, SPOOL_OBJECTS
from shared.spool.folders import Spool
from shared.spool.incoming import SUFFIX

MAX_ANNOUNCED = 100_000
"""Announcements that wait in memory; further ones are left to the sweep."""
IDLE_SECONDS = 1.0
PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Seconds until the next attempt to reach the broker, after the first failure, the second and so on."""
PAUSE_WITHOUT_SPOOL_SECONDS = 10.0
ABANDONED_AFTER_SECONDS = 3600.0
"""The age in seconds at which a partial file is removed as left behind: no live receiver is silent for so long."""

log = get_logger(__name__)


class Dispatcher:
    """Publishes an `ImportObject` for each object in `incoming/`. `run` in a thread; `announce` from any.

    Args:
        spool: where the objects lie.
        publisher: belongs to the thread of `run`.
        record: told each message that the broker has taken, for the table of received objects.
        health: told of the parts `broker` and `spool`.
        sweep_seconds: how often the spool is looked through.
        republish_after_seconds: when an object counts as forgotten by the broker.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        publisher: Publisher,
        record: Callable[[ImportObject], None],
        health: Health,
        sweep_seconds: float,
        republish_after_seconds: float,
    ) -> None:
        self._spool = spool
        self._publisher = publisher
        self._record = record
        self._health = health
        self._sweep_seconds = sweep_seconds
        self._republish_after_seconds = republish_after_seconds
        self._announced: queue.Queue[str] = queue.Queue(MAX_ANNOUNCED)
        self._ledger = Ledger()
        self._next_sweep = 0.0

    def announce(self, trace_id: str) -> None:
        """Say that an object is safe in the spool; never blocks."""
        try:
            self._announced.put_nowait(trace_id)
        except queue.Full:
            return  # the sweep finds it

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set, waiting longer and longer while the broker is away."""
        failures = 0
        while not stop.is_set():
            try:
                self._turn(stop)
                failures = 0
            except Unavailable as error:
                self._health.report("broker", ready=False, detail=str(error))
                log.warning("broker is away; objects stay in the spool until it is back", error=str(error))
                self._next_sweep = 0.0
                failures += 1
                stop.wait(pause_after(failures, PAUSES_SECONDS))
            except OSError as error:
                self._health.report("spool", ready=False, detail=str(error))
                log.error("the spool cannot be looked through", error=str(error))
                self._next_sweep = 0.0
                stop.wait(PAUSE_WITHOUT_SPOOL_SECONDS)
        self._publisher.close()

    def _turn(self, stop: threading.Event) -> None:
        """Sweep if it is time to, else publish what has been announced, else keep the connection alive."""
        if time.monotonic() >= self._next_sweep:
            self._sweep(stop)
            self._next_sweep = time.monotonic() + self._sweep_seconds
        try:
            trace_id = self._announced.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            self._publisher.keep_alive()
            return
        if trace_id not in self._ledger:
            self._dispatch(trace_id)

    def _sweep(self, stop: threading.Event) -> None:
        pending = set(self._spool.pending())
        self._health.report("spool", ready=True)
        SPOOL_OBJECTS.labels(folder="incoming").set(len(pending))
        self._dispatch_all(self._ledger.missing(pending), stop)
        waiting = self._waiting()
        self._health.report("broker", ready=True)
        overdue = self._ledger.overdue(now=time.monotonic(), after=self._republish_after_seconds)
        if overdue and not waiting:
            log.warning("objects forgotten by the broker are published again", objects=len(overdue))
            self._dispatch_all(overdue, stop)
        abandoned = self._spool.remove_partial(older_than=ABANDONED_AFTER_SECONDS)
        if abandoned:
            log.warning("removed partial files of receptions that were cut short", files=abandoned)

    def _waiting(self) -> int:
        """Return the number of messages that wait for an importer; raises `Unavailable` if the broker is away."""
        queues = (IMPORT.work, *(IMPORT.retry(delay) for delay in RETRY_DELAYS))
        return sum(self._publisher.depth(name) for name in queues)

    def _dispatch_all(self, trace_ids: Iterable[str], stop: threading.Event) -> None:
        for trace_id in trace_ids:
            if stop.is_set():
                return
            self._dispatch(trace_id)

    def _dispatch(self, trace_id: str) -> None:
        try:
            message = describe(self._spool.incoming / f"{trace_id}{SUFFIX}", trace_id=trace_id)
        except FileNotFoundError:
            return  # imported in the meantime
        except OSError as error:
            log.error("object in the spool cannot be read", trace_id=trace_id, error=str(error))
            return
        self._publisher.publish(message)
        self._ledger.published(trace_id, at=time.monotonic())
        self._record(message)
        OBJECTS_RECEIVED.labels(node=message.reception.store_node or "").inc()
        tell(message)
