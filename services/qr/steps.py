"""Taking steps: the consumer's handler. Any worker takes any step; the state stands in the database.

A step may come twice, or again after its worker was killed: it looks where things stand, and does what is missing.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import Engine

from services.qr.claim import claim
from services.qr.errors import RemoteError
from services.qr.query import dispatch, query
from services.qr.retrieve import Retrieval
from services.qr.worker import Worker, log_end
from shared.broker.consumer import Delivery
from shared.broker.verdict import is_final
from shared.database.models.qr import QrJobState, QrStudyState
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messages import QrStep

log = get_logger(__name__)


class Steps:
    """Takes steps. `engine` is for the claims, which say that this worker is at a step."""

    def __init__(self, *, engine: Engine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker

    def __call__(self, deliveries: Sequence[Delivery[QrStep]]) -> list[BaseException | None]:
        """Take each step; return what each came to."""
        return [self._outcome(delivery) for delivery in deliveries]

    def _outcome(self, delivery: Delivery[QrStep]) -> BaseException | None:
        step = delivery.message
        with structlog.contextvars.bound_contextvars(job=str(step.job_id), study=step.study_id):
            try:
                with claim(self._engine, step):
                    self._take(step, attempt=delivery.attempt)
            except (RemoteError, Unavailable) as error:
                return error
            except Exception as error:  # nobody foresaw it: it must not leave the job open for ever
                log.exception("step failed")
                if is_final(error, attempt=delivery.attempt):
                    self._abandon(step, f"{type(error).__name__}; the log of the qr service says more")
                return error
            return None

    def _take(self, step: QrStep, *, attempt: int) -> None:
        job = self._worker.jobs.job(step.job_id)
        study = None if step.study_id is None else self._worker.jobs.study(step.study_id)
        if job is None or (step.study_id is not None and study is None):
            log.info("nothing to do: the job has been deleted")
        elif not job.state.is_open:
            log.info("nothing to do", state=job.state.value)
            if study is not None:
                self._worker.jobs.end_study(study, state=QrStudyState.CANCELLED, reason=f"the job is {job.state.value}")
        elif study is not None:
            Retrieval(worker=self._worker, job=job, study=study).run(attempt=attempt)
        elif job.state is QrJobState.RETRIEVING:
            dispatch(self._worker, job)
        else:
            query(self._worker, job, attempt=attempt)

    def _abandon(self, step: QrStep, reason: str) -> None:
        """End what the step was to do: its message goes to the dead-letter queue."""
        study = None if step.study_id is None else self._worker.jobs.study(step.study_id)
        if study is None:
            log_end(self._worker.jobs.fail(step.job_id, detail=reason))
        else:
            log_end(self._worker.jobs.end_study(study, state=QrStudyState.FAILED, reason=reason))
