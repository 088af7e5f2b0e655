"""Looks at PostgreSQL and at the privacy policy, so that the health of an idle importer is true as well."""

import threading

from sqlalchemy import Engine

from services.importer.policies.hash_key import HashKeyWatch
from services.importer.policies.policies import load_privacy_policy
from services.importer.storage.database_error import database_errors
from shared.errors import Unavailable
from shared.health import Health

EVERY_SECONDS = 10.0


class DatabaseWatch:
    """Reports the part `database` from a thread of its own, and shows `hash_key` the policy. A context manager."""

    def __init__(self, *, engine: Engine, health: Health, hash_key: HashKeyWatch, every: float = EVERY_SECONDS) -> None:
        self._engine = engine
        self._health = health
        self._hash_key = hash_key
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
                with database_errors(), self._engine.connect() as connection:
                    privacy = load_privacy_policy(connection)
                self._health.report("database", ready=True)
                self._hash_key.look(privacy)
            except Unavailable as error:
                self._health.report("database", ready=False, detail=str(error))
            if self._stop.wait(self._every):
                return
