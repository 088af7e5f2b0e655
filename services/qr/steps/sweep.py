"""The recovery of lost messages: steps of the database that have no message any more are published again.

A broker that lost its data, or a crash between a commit and its message, delays a job by some minutes.
"""

from services.qr.jobs.due import DueSteps
from services.qr.jobs.metrics import LOST_MESSAGES
from shared.broker.publisher import Publisher
from shared.broker.topology import QR
from shared.health import Health
from shared.logging import get_logger
from shared.periodic import Periodic

AT_ONCE = 500

log = get_logger(__name__)


class Sweep(Periodic):
    """Looks for overdue steps at intervals.

    Args:
        steps: those of the database.
        amqp_url: the broker to which they are published.
        every: seconds between two looks.
        grace: seconds after which a message that is due counts as lost.
        health: told of the part `sweep`.
    """

    def __init__(self, *, steps: DueSteps, amqp_url: str, every: float, grace: float, health: Health) -> None:
        super().__init__(name="sweep", every=every, health=health)
        self._steps = steps
        self._amqp_url = amqp_url
        self._grace = grace

    def once(self) -> int:
        """Publish overdue steps again, unless messages wait in the queue; return their number.

        Raises:
            Unavailable: the database or the broker is away.
        """
        steps = self._steps.overdue(grace=self._grace, limit=AT_ONCE)
        if not steps:
            return 0
        with Publisher(amqp_url=self._amqp_url, name="dosewire-qr-sweep") as publisher:
            if publisher.depth(QR.work):
                return 0  # workers have not come to them yet
            for step in steps:
                publisher.publish(step)
                self._steps.published_again(step)
        LOST_MESSAGES.inc(len(steps))
        log.warning("steps published again: their messages had not come", steps=len(steps))
        return len(steps)
