"""The monitor of database and broker: a thread that asks both every few seconds and reports their readiness."""

from collections.abc import Callable

from sqlalchemy import Engine

from services.config_api.web.queue_depths import QueueDepths
from shared.database.engine import check
from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.periodic import Periodic

PARTS = ("database", "broker")
INTERVAL = 5.0

log = get_logger(__name__)


class Monitor(Periodic):
    """Watches database and broker while it is entered."""

    def __init__(self, *, health: Health, engine: Engine, queues: QueueDepths) -> None:
        super().__init__(name="monitor", every=INTERVAL, health=None, patience=INTERVAL)
        self._parts = health
        self._checks: dict[str, Callable[[], object]] = {
            "database": lambda: check(engine),
            "broker": queues.measure,
        }
        self._up: dict[str, bool] = {}

    def once(self) -> None:
        """Ask both, and report of each."""
        self._parts.beat()
        for part, ask in self._checks.items():
            self._look_at(part, ask)

    def _look_at(self, part: str, ask: Callable[[], object]) -> None:
        try:
            ask()
        except Unavailable as error:
            up, detail = False, str(error)
        else:
            up, detail = True, ""
        self._parts.report(part, ready=up, detail=detail)
        if self._up.get(part) is not up:
            self._up[part] = up
            log.info("available", part=part) if up else log.warning("not available", part=part, reason=detail)
