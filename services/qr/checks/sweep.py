"""Recovery of node tests whose message was lost: they are published again. Old tests are deleted.

An echo needs no recovery: every page view requests it again.
"""

from datetime import timedelta

from services.qr.checks.store import NodeChecks
from shared.broker.publisher import Publisher
from shared.broker.topology import CHECK
from shared.health import Health
from shared.logging import get_logger
from shared.messages import CheckNode
from shared.periodic import Periodic

EVERY = 5.0
GRACE = timedelta(seconds=10)
"""Seconds after which a test that has not begun has lost its message, unless many tests are waiting."""

log = get_logger(__name__)


class CheckSweep(Periodic):
    """Looks for lost node tests at intervals.

    Args:
        checks: the tests.
        amqp_url: where they are published.
        health: told of the part `check sweep`.
        every: seconds between two looks.
    """

    def __init__(self, *, checks: NodeChecks, amqp_url: str, health: Health, every: float = EVERY) -> None:
        super().__init__(name="check sweep", every=every, health=health)
        self._checks = checks
        self._amqp_url = amqp_url

    def once(self) -> int:
        """Publish lost tests again, unless messages wait in the queue; return how many.

        Raises:
            Unavailable: the database or the broker is away.
        """
        self._checks.tidy()
        lost = self._checks.lost(grace=GRACE)
        if not lost:
            return 0
        with Publisher(amqp_url=self._amqp_url, name="dosewire-qr-check-sweep") as publisher:
            if publisher.depth(CHECK.work):
                return 0  # workers have not come to them yet
            for check_id in lost:
                publisher.publish(CheckNode(check_id=check_id))
        log.warning("node tests published again: their messages had not come", checks=len(lost))
        return len(lost)
