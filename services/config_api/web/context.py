"""The context that all requests share: settings, database and broker. One per application."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from services.config_api.web.queue_depths import QueueDepths
from services.config_api.web.settings import ConfigApiSettings
from shared.database.engine import make_engine, make_sessions, unavailable_when_away
from shared.errors import Unavailable

EXTENSION = "dosewire"
NOT_MIGRATED = frozenset(("42P01", "42703"))
"""SQLSTATE of an undefined table and an undefined column (PostgreSQL, appendix A)."""


class Context:
    """Database and broker, made from the settings. Nothing connects before it is used."""

    def __init__(self, *, settings: ConfigApiSettings) -> None:
        self.settings = settings
        self.engine = make_engine(
            database_url=settings.database_url.get_secret_value(),
            name="dosewire-config-api",
            pool_size=settings.http_threads,
        )
        self.queues = QueueDepths(amqp_url=settings.amqp_url.get_secret_value())
        self.sessions = make_sessions(self.engine)
        self._waiting = threading.BoundedSemaphore(max(1, settings.http_threads // 2))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session whose transaction is committed at the end.

        Raises:
            Unavailable: the database is away, or does not have our tables.
        """
        try:
            with unavailable_when_away(), self.sessions.begin() as session:
                yield session
        except ProgrammingError as error:
            raise (other_version(error) or error) from error

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[float]:
        """Yield how long this request may wait for another service: `seconds`, or 0 where half of the threads wait.

        Whoever waits holds a thread, and the others must not wait for one.
        """
        may_wait = self._waiting.acquire(blocking=False)
        try:
            yield seconds if may_wait else 0.0
        finally:
            if may_wait:
                self._waiting.release()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def other_version(error: ProgrammingError) -> Unavailable | None:
    """Return the error of ours for a database that does not have our tables; None: the error is another one."""
    if getattr(error.orig, "pgcode", None) not in NOT_MIGRATED:
        return None
    return Unavailable("the database has another version than this service: migrate it")
