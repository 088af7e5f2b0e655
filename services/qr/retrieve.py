"""The step of one study: have it sent to the store node, and write down how that went."""

import time

from services.qr.decisions import failed_attempt, gives_up, last_attempt
from services.qr.errors import JobCancelled, RemoteError
from services.qr.metrics import ASSOCIATION_SECONDS, STUDIES
from services.qr.move import SOP_CLASSES, move_study
from services.qr.nodes import destination_of
from services.qr.status import Counts, judge_move
from services.qr.worker import Worker, log_end
from shared.broker.topology import retry_delay
from shared.database.models.qr import QrJob, QrStudy, QrStudyState
from shared.logging import get_logger

PROGRESS_SECONDS = 0.5

log = get_logger(__name__)


class Retrieval:
    """One attempt to retrieve a study."""

    def __init__(self, *, worker: Worker, job: QrJob, study: QrStudy) -> None:
        self._worker = worker
        self._job = job
        self._study = study
        self._counts = Counts()

    def run(self, *, attempt: int) -> None:
        """Retrieve the study, unless it is over.

        Raises:
            RemoteError: not this time; the message shall come again.
            Unavailable: the database is away, or this worker is being stopped.
        """
        if not self._worker.jobs.begin_study(self._study.id, lease=self._worker.limits.total):
            return
        log.info(
            "study begins", study_instance_uid=self._study.study_instance_uid, failed_attempts=self._study.attempts
        )
        try:
            self._end(QrStudyState.RETRIEVED, self._move())
        except JobCancelled:
            self._end(QrStudyState.CANCELLED, "cancelled while it was being retrieved")
        except RemoteError as error:
            self._failed(error, attempt=attempt)

    def _move(self) -> str:
        """Return what the remote node says of its success."""
        destination = destination_of(self._job.store_node)
        timer = ASSOCIATION_SECONDS.labels(purpose="retrieve").time()
        with timer, self._worker.associate(self._job, SOP_CLASSES) as link:
            uid = self._study.study_instance_uid
            written = time.monotonic()
            for response in move_study(link, study_instance_uid=uid, destination=destination.ae_title):
                self._counts = response.counts
                if time.monotonic() - written >= PROGRESS_SECONDS:
                    self._worker.jobs.progress(self._study.id, self._counts)
                    written = time.monotonic()
        return judge_move(response.status, self._counts, peer=str(link.peer), destination=destination)

    def _failed(self, error: RemoteError, *, attempt: int) -> None:
        attempts = self._study.attempts + 1
        if error.whole_job:
            log_end(self._worker.jobs.fail(self._job.id, detail=str(error)))
            return
        if gives_up(error, attempts=attempts):
            self._end(QrStudyState.FAILED, last_attempt(error, attempts=attempts))
            return
        delay = retry_delay(attempt + 1)
        reason = failed_attempt(error, attempts=attempts, again_in=delay)
        self._worker.jobs.postpone_study(self._study, reason=reason, counts=self._counts, delay=delay)
        raise error

    def _end(self, state: QrStudyState, reason: str) -> None:
        end = self._worker.jobs.end_study(self._study, state=state, reason=reason, counts=self._counts)
        STUDIES.labels(state=state.value).inc()
        log.info("study over", study_instance_uid=self._study.study_instance_uid, state=state.value, reason=reason)
        log_end(end)
