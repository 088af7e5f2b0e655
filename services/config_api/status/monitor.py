"""Readiness: a thread that asks database and broker now and then and reports to the service's health."""

import threading
from collections.abc import Callable

from sqlalchemy import Engine

from services.config_api.web.queue_depths import QueueDepths
from shared.database.engine import check
from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger

PARTS = ("database", "broker")
INTERVAL = 5.0

log = get_logger(__name__)


class Monitor:
    """A context manager that watches while it is entered."""

    def __init__(self, *, health: Health, engine: Engine, queues: QueueDepths) -> None:
        self._health = health
        self._checks: dict[str, Callable[[], object]] = {
            "database": lambda: check(engine),
            "broker": queues.measure,
        }
        self._up: dict[str, bool] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def __enter__(self) -> "Monitor":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join(timeout=INTERVAL)

    def _run(self) -> None:
        while True:
            self._health.beat()
            for part, ask in self._checks.items():
                self._report(part, ask)
            if self._stop.wait(INTERVAL):
                return

    def _report(self, part: str, ask: Callable[[], object]) -> None:
        try:
            ask()
        except Unavailable as error:
            up, detail = False, str(error)
        else:
            up, detail = True, ""
        self._health.report(part, ready=up, detail=detail)
        if self._up.get(part) is not up:
            self._up[part] = up
            log.info("available", part=part) if up else log.warning("not available", part=part, reason=detail)
