"""Recovery of lost messages: what stands in the database and has no message any more is published again.

A broker that was wiped, or a crash between a commit and its message, costs a job some minutes.
"""

from services.qr.jobs.metrics import LOST_MESSAGES
from services.qr.jobs.store import Jobs
from shared.broker.publisher import Publisher
from shared.broker.topology import QR
from shared.health import Health
from shared.logging import get_logger
from shared.periodic import Periodic

AT_ONCE = 500

log = get_logger(__name__)


class Sweep(Periodic):
    """Looks for overdue steps now and then.

    Args:
        jobs: where the steps stand.
        amqp_url: where they are published.
        every: seconds between two looks.
        grace: seconds after which a message that is due counts as lost.
        health: told of the part `sweep`.
    """

    def __init__(self, *, jobs: Jobs, amqp_url: str, every: float, grace: float, health: Health) -> None:
        super().__init__(name="sweep", every=every, health=health)
        self._jobs = jobs
        self._amqp_url = amqp_url
        self._grace = grace

    def once(self) -> int:
        """Publish again what is overdue; nothing where messages wait in the queue. Return how many steps.

        Raises:
            Unavailable: the database or the broker is away.
        """
        steps = self._jobs.overdue(grace=self._grace, limit=AT_ONCE)
        if not steps:
            return 0
        with Publisher(amqp_url=self._amqp_url, name="dosewire-qr-sweep") as publisher:
            if publisher.depth(QR.work):
                return 0  # workers have not come to them yet
            for step in steps:
                publisher.publish(step)
                self._jobs.published_again(step)
        LOST_MESSAGES.inc(len(steps))
        log.warning("steps published again: their messages had not come", steps=len(steps))
        return len(steps)
