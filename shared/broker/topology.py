"""The exchanges and queues of Dosewire, and their idempotent declaration.

For each kind of work NAME there are, all of them quorum queues:

    dosewire.NAME.v1             the work
    dosewire.NAME.retry.Ns.v1    waiting: a message stays N seconds and is dead-lettered back to the work
    dosewire.NAME.dead.v1        what will not pass by itself; an operator lists, replays or drops it

The arguments of a queue never change in place (RabbitMQ refuses that): another argument is another version in the
name. RabbitMQ 3.10 has no default delivery limit and ignores arguments that it does not know; 4.x defaults to 20.
"""

from dataclasses import dataclass

from pika.adapters.blocking_connection import BlockingChannel

from shared.backoff import pause_after

EXCHANGE = "dosewire.v1"
RETRY_DELAYS = (5, 30, 300, 1800)
"""Seconds until the next attempt: the first entry after the first failure, the last one for all later ones."""
MAX_ATTEMPTS = 8
"""Failures after which a message with a passing error is dead-lettered: about three hours."""
DELIVERY_LIMIT = 20
"""Deliveries without an answer, as of a consumer that was killed, after which the broker dead-letters a message."""


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """The names of one kind of work. Routing keys are the queues' names."""

    name: str

    @property
    def work(self) -> str:
        """The queue that consumers read."""
        return f"dosewire.{self.name}.v1"

    @property
    def dead(self) -> str:
        """The queue of dead letters, for an operator."""
        return f"dosewire.{self.name}.dead.v1"

    def retry(self, delay: int) -> str:
        """Return the queue in which a message waits `delay` seconds."""
        return f"dosewire.{self.name}.retry.{delay}s.v1"


IMPORT = WorkQueue("import")
QR = WorkQueue("qr")
CHECK = WorkQueue("check")
WORK_QUEUES = {queue.name: queue for queue in (IMPORT, QR, CHECK)}


def declare(channel: BlockingChannel) -> None:
    """Declare all exchanges and queues; existing ones are not changed."""
    channel.exchange_declare(EXCHANGE, exchange_type="direct", durable=True)
    for queue in WORK_QUEUES.values():
        _declare(channel, queue.dead, {})
        _declare(channel, queue.work, {"x-delivery-limit": DELIVERY_LIMIT} | _dead_letter_to(queue.dead))
        for delay in RETRY_DELAYS:
            _declare(channel, queue.retry(delay), {"x-message-ttl": delay * 1000} | _dead_letter_to(queue.work))


def retry_delay(attempt: int) -> int:
    """Return the seconds to wait after the failure number `attempt` (from 1)."""
    return pause_after(attempt, RETRY_DELAYS)


def _dead_letter_to(queue: str) -> dict[str, object]:
    # At least once: the broker keeps the message until the target queue has confirmed it; needs reject-publish.
    return {
        "x-dead-letter-exchange": EXCHANGE,
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _declare(channel: BlockingChannel, queue: str, arguments: dict[str, object]) -> None:
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"} | arguments)
    channel.queue_bind(queue, EXCHANGE, routing_key=queue)
