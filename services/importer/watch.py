"""Looks whether PostgreSQL answers, so that the health of an idle importer is true as well."""

import threading

from sqlalchemy import Engine

from shared.database.engine import check
from shared.errors import Unavailable
from shared.health import Health

EVERY_SECONDS = 10.0


class DatabaseWatch:
    """Reports the part `database` from a thread of its own. A context manager."""

    def __init__(self, *, engine: Engine, health: Health, every: float = EVERY_SECONDS) -> None:
        self._engine = engine
        self._health = health
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)

    def __enter__(self) -> "DatabaseWatch":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                check(self._engine)
                self._health.report("database", ready=True)
            except Unavailable as error:
                self._health.report("database", ready=False, detail=str(error))
            if self._stop.wait(self._every):
                return
