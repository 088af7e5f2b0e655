"""One worker at a step, across all of them: PostgreSQL's advisory locks, which end with the connection that holds them.

So a worker that is killed frees its step at once, and a message that came twice finds the step taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from services.qr.errors import Taken
from shared.database.engine import unavailable_when_away
from shared.messages import QrStep

_CLAIM = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_RELEASE = text("SELECT pg_advisory_unlock_all()")
_KEEPALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false)"
)
"""A host that vanishes without a word frees its step after two minutes, not after the two hours of the default."""


@contextmanager
def claim(engine: Engine, step: QrStep) -> Iterator[None]:
    """Hold a step for the block.

    Raises:
        Taken: another worker holds it.
        Unavailable: the database is away.
    """
    name = f"dosewire qr {step.job_id} {step.study_id if step.study_id is not None else ''}"
    with unavailable_when_away():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # Out of the pool: closing it ends the session, and the lock, whatever happened in between.
    connection.detach()
    try:
        with unavailable_when_away():
            connection.execute(_KEEPALIVE)
            taken = not connection.execute(_CLAIM, {"name": name}).scalar_one()
        if taken:
            raise Taken("another worker is at this step")
        yield
    finally:
        with suppress(DBAPIError):  # the connection is gone, and the lock with it
            connection.execute(_RELEASE)  # at once: a session takes its time to end
        connection.close()
