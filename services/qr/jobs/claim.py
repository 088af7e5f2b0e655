"""Claims of one worker on a piece of work: PostgreSQL's advisory locks, which end with the connection that holds them.

So a worker that is killed frees its work at once, and a message that came twice finds the work taken.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from services.qr.remote.errors import Busy, Stopping, WorkTaken
from shared.database.engine import unavailable_when_away
from shared.database.models.node import RemoteNode
from shared.jobs.node_settings import NodeSettings
from shared.messages import Message

_CLAIM = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_FREE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
_RELEASE = text("SELECT pg_advisory_unlock_all()")
_KEEPALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false)"
)
"""TCP keep-alive: the work of a host that vanishes is free after two minutes, not after the default of two hours."""


@contextmanager
def claim(engine: Engine, message: Message) -> Iterator[Connection]:
    """Hold the work of a message for the block, with the connection whose end frees it.

    Raises:
        WorkTaken: another worker holds it.
        Unavailable: the database is away.
    """
    name = f"dosewire {message.queue} {message.model_dump_json(exclude_none=True)}"
    with unavailable_when_away():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # Out of the pool: closing it ends the session, and so the lock, in any case.
    connection.detach()
    try:
        with unavailable_when_away():
            connection.execute(_KEEPALIVE)
            taken = not connection.execute(_CLAIM, {"name": name}).scalar_one()
        if taken:
            raise WorkTaken("another worker is at this")
        yield connection
    finally:
        with suppress(DBAPIError):  # the connection is gone, and the lock with it
            connection.execute(_RELEASE)  # at once: a session takes its time to end
        connection.close()


LOOK_FOR_SLOT = 0.2
PATIENCE = 20.0


@contextmanager
def node_slot(
    connection: Connection,
    node: RemoteNode,
    settings: NodeSettings,
    *,
    stop: threading.Event,
    patience: float = PATIENCE,
) -> Iterator[None]:
    """Hold one of the associations that a remote node's settings allow to all workers together, for the block.

    Raises:
        Busy: none has become free within `patience` seconds.
        Stopping: this worker is being stopped.
        Unavailable: the database is away.
    """
    names = [f"dosewire qr node {node.id} {slot}" for slot in range(settings.max_associations)]
    deadline = time.monotonic() + patience
    while True:
        with unavailable_when_away():
            held = next((name for name in names if connection.execute(_CLAIM, {"name": name}).scalar_one()), None)
        if held is not None:
            break
        if time.monotonic() >= deadline:
            raise Busy(f"{len(names)} associations with {node.name} are open already, as many as its settings allow")
        if stop.wait(LOOK_FOR_SLOT):
            raise Stopping("this worker is being stopped")
    try:
        yield
    finally:
        with suppress(DBAPIError):  # the connection is gone, and the lock with it
            connection.execute(_FREE, {"name": held})
