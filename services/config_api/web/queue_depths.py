"""The depths of the broker's queues, asked by passive declarations, which change nothing."""

import threading
import time
from dataclasses import dataclass

from pika.adapters.blocking_connection import BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from shared.broker.connection import BROKER_ERRORS, connect, describe
from shared.broker.topology import RETRY_DELAYS, WORK_QUEUES, WorkQueue
from shared.errors import Unavailable

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """The messages of one kind of work that are ready in its queues. None: the queues are not declared yet."""

    name: str
    work: int | None
    retry: int | None
    dead: int | None


class QueueDepths:
    """The depths of all queues, asked from the broker and cached for a moment. For use by several threads."""

    def __init__(self, *, amqp_url: str, keep_seconds: float = 2.0) -> None:
        self._amqp_url = amqp_url
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._measured: tuple[float, list[QueueDepth]] | None = None

    def measure(self) -> list[QueueDepth]:
        """Return the depths of the queues of every kind of work.

        Raises:
            Unavailable: the broker is away.
        """
        with self._lock:
            if self._measured is None or time.monotonic() - self._measured[0] >= self._keep_seconds:
                depths = self._ask()
                self._measured = time.monotonic(), depths
            return self._measured[1]

    def _ask(self) -> list[QueueDepth]:
        # A connection for each question: an idle one would need a thread that answers its heartbeats.
        connection = connect(amqp_url=self._amqp_url, name="dosewire-config-api")
        try:
            return [_depth(connection, queue) for queue in WORK_QUEUES.values()]
        except BROKER_ERRORS as error:
            raise Unavailable(f"RabbitMQ does not say how deep its queues are: {describe(error)}") from error
        finally:
            if connection.is_open:
                connection.close()


def _depth(connection: BlockingConnection, queue: WorkQueue) -> QueueDepth:
    work = _ready(connection, queue.work)
    if work is None:  # they are declared together
        return QueueDepth(name=queue.name, work=None, retry=None, dead=None)
    retries = [_ready(connection, queue.retry(delay)) for delay in RETRY_DELAYS]
    known = [count for count in retries if count is not None]
    return QueueDepth(name=queue.name, work=work, retry=sum(known), dead=_ready(connection, queue.dead))


def _ready(connection: BlockingConnection, queue: str) -> int | None:
    channel = connection.channel()
    try:
        return int(channel.queue_declare(queue, passive=True).method.message_count)
    except ChannelClosedByBroker as error:
        if error.reply_code == NOT_FOUND:
            return None
        raise
    finally:
        if channel.is_open:
            channel.close()
