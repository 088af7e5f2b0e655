"""Recovery of lost messages: what stands in the database and has no message any more is published again.

A broker that was wiped, or a crash between a commit and its message, costs a job some minutes.
"""

import threading

from services.qr.jobs.metrics import LOST_MESSAGES
from services.qr.jobs.store import Jobs
from shared.broker.publisher import Publisher
from shared.broker.topology import QR
from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger

AT_ONCE = 500

log = get_logger(__name__)


class Sweep:
    """Looks for overdue steps now and then, in a thread of its own. A context manager.

    Args:
        jobs: where the steps stand.
        amqp_url: where they are published.
        every: seconds between two looks.
        grace: seconds after which a message that is due counts as lost.
        health: told of the part `sweep`.
    """

    def __init__(self, *, jobs: Jobs, amqp_url: str, every: float, grace: float, health: Health) -> None:
        self._jobs = jobs
        self._amqp_url = amqp_url
        self._every = every
        self._grace = grace
        self._health = health
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep")

    def __enter__(self) -> "Sweep":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self.once()
                self._health.report("sweep", ready=True)
            except Unavailable as error:
                self._health.report("sweep", ready=False, detail=str(error))
            if self._over.wait(self._every):
                return

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
