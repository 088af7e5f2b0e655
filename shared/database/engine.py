"""The connection to PostgreSQL, and the errors that mean that the server is away."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from shared.errors import Unavailable

AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError)
"""The errors that SQLAlchemy raises when the server is away, restarts, or refuses connections."""

KEEP_ROW = {"read": True, "key_share": True}
"""For `Session.get`, FOR KEY SHARE: nobody deletes the row until the transaction ends that refers to it."""


def make_engine(*, database_url: str, name: str, pool_size: int = 5) -> Engine:
    """Return an engine whose connections PostgreSQL shows under `name` and that survives a restart of the server."""
    return create_engine(
        database_url,
        hide_parameters=True,  # the text of an error must not hold what was to be stored
        pool_pre_ping=True,
        pool_size=pool_size,
        pool_timeout=10,
        connect_args={
            "application_name": name,
            "connect_timeout": 5,
            "options": "-c timezone=UTC",
            # A server that vanished without a word is noticed within a minute, not within the kernel's two hours.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
        },
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return a maker of sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Turn the errors of a server that is away into `Unavailable`; other database errors pass through.

    A deadlock or a serialization failure is an `OperationalError` too: to try again is right for both.
    """
    try:
        yield
    except AWAY as error:
        raise Unavailable(f"PostgreSQL is away: {reason(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(f"PostgreSQL is away: {reason(error)}") from error
        raise


def reason(error: BaseException) -> str:
    """Return the first line of a database error: the rest is SQL and may hold values."""
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]


def check(engine: Engine) -> None:
    """Ask the server for an answer.

    Raises:
        Unavailable: there is none.
    """
    with unavailable_when_away(), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
