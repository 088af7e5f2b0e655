"""The worker for checks: a consumer beside that of the jobs, so that no check waits for a long retrieval."""

import threading
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from services.qr.checks.caller import NodeCaller
from services.qr.checks.echo_store import NodeEchoes
from services.qr.checks.handler import CheckHandler
from services.qr.checks.store import NodeChecks
from shared.broker.consumer import Consumer
from shared.health import Health
from shared.logging import get_logger
from shared.messages import CheckNode

AT_ONCE = 8
PARTS = ("check broker", "check worker")

log = get_logger(__name__)


class CheckWorker:
    """Consumes checks in threads of its own. A context manager.

    Args:
        engine: the database.
        sessions: sessions of it.
        amqp_url: the broker.
        caller: calls the nodes.
        health: told of `PARTS`.
        stop: set when this process shall end; set here if the consumer ends with an unexpected error.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        sessions: sessionmaker[Session],
        amqp_url: str,
        caller: NodeCaller,
        health: Health,
        stop: threading.Event,
    ) -> None:
        self._stop = stop
        self._error: Exception | None = None
        self._consumer = Consumer(
            amqp_url=amqp_url,
            name="dosewire-qr-checks",
            message_class=CheckNode,
            handler=CheckHandler(
                engine=engine,
                checks=NodeChecks(sessions=sessions),
                echoes=NodeEchoes(sessions=sessions),
                caller=caller,
            ),
            prefetch=AT_ONCE,
            batch_size=1,
            health=health,
            threads=AT_ONCE,
            parts=PARTS,
        )
        self._thread = threading.Thread(target=self._run, name="checks")

    def __enter__(self) -> "CheckWorker":
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._error is not None and exc is None:
            raise self._error

    def _run(self) -> None:
        try:
            self._consumer.run(self._stop)
        except Exception as error:  # the service ends, and is started again
            log.exception("the consumer of checks has failed")
            self._error = error
            self._stop.set()
