"""The consumer's handler of steps. Any worker takes any step; the state stands in the database.

A step may come twice, or again after its worker was killed: it reads the state, and does what is missing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection, Engine

from services.qr.jobs.claim import claim, node_slot
from services.qr.jobs.job import JobInHand
from services.qr.remote.errors import RemoteError
from services.qr.steps.query import dispatch, query
from services.qr.steps.study_step import StudyStep
from services.qr.steps.worker import Worker, log_end
from shared.broker.consumer import Delivery
from shared.broker.verdict import is_final
from shared.database.models.qr import STUDY_STEP_STATES, QrJobState, QrStudy, QrStudyState
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messages import QrStep

log = get_logger(__name__)


class Steps:
    """Takes steps. `engine` is for the claims, which mark a step as taken by this worker."""

    def __init__(self, *, engine: Engine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker

    def __call__(self, deliveries: Sequence[Delivery[QrStep]]) -> list[BaseException | None]:
        """Take each step; return the outcome of each: None, or the error that decides about its message."""
        return [self._outcome(delivery) for delivery in deliveries]

    def _outcome(self, delivery: Delivery[QrStep]) -> BaseException | None:
        step = delivery.message
        with structlog.contextvars.bound_contextvars(job=str(step.job_id), study=step.study_id):
            try:
                with claim(self._engine, step) as connection:
                    self._take(step, attempt=delivery.attempt, connection=connection)
            except (RemoteError, Unavailable) as error:
                return error
            except Exception as error:  # unexpected: it must not leave the job open for ever
                log.exception("step failed")
                if is_final(error, attempt=delivery.attempt):
                    self._abandon(step, f"{type(error).__name__}; the log of the qr service says more")
                return error
            return None

    def _take(self, step: QrStep, *, attempt: int, connection: Connection) -> None:
        row = self._worker.jobs.job(step.job_id)
        study = None if step.study_id is None else self._worker.studies.study(step.study_id)
        if row is None or (step.study_id is not None and study is None):
            log.warning("nothing to do: the job does not exist, or was deleted")
        elif not row.state.is_open:
            log.info("nothing to do", state=row.state.value)
            if study is not None and row.state is not QrJobState.REVIEW:
                reason = f"the job is {row.state.value}"
                self._worker.studies.end(study, state=QrStudyState.CANCELLED, reason=reason)
        else:
            self._work_on(JobInHand.of(row), study, attempt=attempt, connection=connection)

    def _work_on(self, job: JobInHand, study: QrStudy | None, *, attempt: int, connection: Connection) -> None:
        if study is None and job.state in STUDY_STEP_STATES:
            dispatch(self._worker, job)
        elif self._may_run(job, study):
            with node_slot(connection, job.remote_node, job.settings, stop=self._worker.stop):
                if study is None:
                    query(self._worker, job, attempt=attempt)
                else:
                    StudyStep(worker=self._worker, job=job, study=study).run(attempt=attempt)

    def _may_run(self, job: JobInHand, study: QrStudy | None) -> bool:
        """Tell whether the node's hours allow jobs now; if not, the step waits in the database for the sweep."""
        settings = job.settings
        moment = datetime.now(UTC)
        if settings.is_open_at(moment):
            return True
        where = f" ({settings.time_zone})" if settings.time_zone else ""
        hours = f"{settings.hours_from:%H:%M} to {settings.hours_until:%H:%M}{where}"
        detail = f"waits: {job.remote_node.name} is asked from {hours} only"
        study_id = None if study is None else study.id
        self._worker.jobs.wait(job.id, study_id, detail=detail, seconds=settings.seconds_until_open(moment))
        log.info("not in the hours of the node", hours=hours)
        return False

    def _abandon(self, step: QrStep, reason: str) -> None:
        """End what the step was to do: its message goes to the dead-letter queue."""
        study = None if step.study_id is None else self._worker.studies.study(step.study_id)
        if study is None:
            log_end(self._worker.jobs.fail(step.job_id, detail=reason))
        else:
            log_end(self._worker.studies.end(study, state=QrStudyState.FAILED, reason=reason))
