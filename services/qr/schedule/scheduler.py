"""Beginning what is due, now and then, in a thread of every worker: whichever looks first takes a schedule."""

import threading

from services.qr.jobs.metrics import SCHEDULED_RUNS
from services.qr.schedule.store import Schedules
from shared.errors import Unavailable
from shared.health import Health
from shared.jobs.jobs import publish_job
from shared.logging import get_logger

log = get_logger(__name__)


class Scheduler:
    """Begins the jobs of schedules that are due. A context manager.

    Args:
        schedules: where they stand.
        amqp_url: where the jobs' first steps are published; if it is away, the sweep does it later.
        every: seconds between two looks.
        health: told of the part `scheduler`.
    """

    def __init__(self, *, schedules: Schedules, amqp_url: str, every: float, health: Health) -> None:
        self._schedules = schedules
        self._amqp_url = amqp_url
        self._every = every
        self._health = health
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scheduler")

    def __enter__(self) -> "Scheduler":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                self.once()
                self._health.report("scheduler", ready=True)
            except Unavailable as error:
                self._health.report("scheduler", ready=False, detail=str(error))
            except Exception as error:  # nobody foresaw it: it must not end the schedules of years to come
                log.exception("schedules failed")
                detail = f"{type(error).__name__}; the log of the qr service says more"
                self._health.report("scheduler", ready=False, detail=detail)
            if self._over.wait(self._every):
                return

    def once(self) -> int:
        """Do everything that is due; return how many jobs were begun.

        Raises:
            Unavailable: the database is away.
        """
        begun = behind = 0
        while not self._over.is_set() and (run := self._schedules.take(behind=behind)) is not None:
            behind = run.schedule_id
            SCHEDULED_RUNS.labels(begun="no" if run.job_id is None else "yes").inc()
            log.info("schedule due", schedule=run.schedule_id, outcome=run.outcome, job=str(run.job_id or ""))
            if run.job_id is not None:
                publish_job(amqp_url=self._amqp_url, job_id=run.job_id)
                begun += 1
        return begun
