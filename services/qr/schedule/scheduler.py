"""The periodic search for schedules that are due. It runs in every worker; the first to find one takes it."""

from services.qr.jobs.metrics import SCHEDULED_RUNS
from services.qr.schedule.store import Schedules
from shared.health import Health
from shared.jobs.publish import publish_job
from shared.logging import get_logger
from shared.periodic import Periodic

log = get_logger(__name__)


class Scheduler(Periodic):
    """Begins the jobs of schedules that are due.

    Args:
        schedules: those of the database.
        amqp_url: the broker to which the jobs' first steps are published; if it is away, the sweep does it later.
        every: seconds between two looks.
        health: told of the part `scheduler`.
    """

    def __init__(self, *, schedules: Schedules, amqp_url: str, every: float, health: Health) -> None:
        super().__init__(name="scheduler", every=every, health=health)
        self._schedules = schedules
        self._amqp_url = amqp_url

    def once(self) -> int:
        """Run all schedules that are due; return the number of jobs begun.

        Raises:
            Unavailable: the database is away.
        """
        begun = behind = 0
        while not self.over.is_set() and (run := self._schedules.take(behind=behind)) is not None:
            behind = run.schedule_id
            SCHEDULED_RUNS.labels(begun="no" if run.job_id is None else "yes").inc()
            log.info("schedule due", schedule=run.schedule_id, outcome=run.outcome, job=str(run.job_id or ""))
            if run.job_id is not None:
                publish_job(amqp_url=self._amqp_url, job_id=run.job_id)
                begun += 1
        return begun
