"""The step of one study: choose series and instances, retrieve them, and write the outcome."""

from collections.abc import Sequence

from services.qr.choice.found import Choice
from services.qr.jobs.contents import WantedSeries
from services.qr.jobs.decisions import failed_attempt, gives_up, last_attempt
from services.qr.jobs.job import JobInHand
from services.qr.jobs.metrics import ASSOCIATION_SECONDS, STUDIES
from services.qr.remote.archive import Archive
from services.qr.remote.errors import ImportPending, JobCancelled, RemoteError
from services.qr.steps.examine import examine
from services.qr.steps.retrieve import Retrieval
from services.qr.steps.worker import Worker, log_end
from shared.broker.topology import RETRY_DELAYS, retry_delay
from shared.database.models.qr import QrJobState, QrStudy, QrStudyState
from shared.logging import get_logger

log = get_logger(__name__)


class StudyStep:
    """One attempt at a study."""

    def __init__(self, *, worker: Worker, job: JobInHand, study: QrStudy) -> None:
        self._worker = worker
        self._job = job
        self._study = study
        self._options = job.options
        self._retrieval = Retrieval(worker=worker, job=job, study=study)

    def run(self, *, attempt: int) -> None:
        """Do what is left to do for the study, unless it is over.

        Raises:
            RemoteError: not this time; the message shall come again.
            Unavailable: the database is away, this worker is being stopped, or the import is behind.
        """
        if not self._worker.studies.begin(self._study.id, lease=self._worker.limits.total):
            return
        log.info(
            "study begins", study_instance_uid=self._study.study_instance_uid, failed_attempts=self._study.attempts
        )
        try:
            self._choose_and_retrieve()
        except JobCancelled:
            self._end(QrStudyState.CANCELLED, "cancelled while it was being retrieved")
        except ImportPending as pending:
            self._worker.jobs.wait(self._job.id, self._study.id, detail=str(pending), seconds=RETRY_DELAYS[0])
            raise
        except RemoteError as error:
            self._failed(error, attempt=attempt)

    def _choose_and_retrieve(self) -> None:
        retrieval = self._retrieval
        wanted = self._worker.contents.wanted(self._study.id)
        patience = self._worker.arrival_seconds
        if wanted is None or retrieval.missing(wanted):
            wanted = self._ask(wanted)
        else:
            patience = 0.0  # it has been waited for already
        if wanted is None:
            return
        reason = retrieval.reconcile(wanted, patience=patience)
        if self._is_to_be_decided_anew():
            wanted = self._ask(None, ours=[uid for one in wanted for uid in one.sop_instance_uids])
            if wanted is None:
                return
            reason = retrieval.reconcile(wanted, patience=self._worker.arrival_seconds)
        self._retrieved(reason)

    def _is_to_be_decided_anew(self) -> bool:
        """Tell whether the received objects show more of the study than the node has returned."""
        ours = self._job.store_node.managed and self._options.chooses
        return ours and self._worker.contents.is_to_be_decided_anew(self._study.id)

    def _ask(self, wanted: list[WantedSeries] | None, *, ours: Sequence[str] = ()) -> list[WantedSeries] | None:
        """Choose where that has not been done, and have it sent; return what is wanted, None where that was all.

        Args:
            wanted: what is wanted; None: not chosen yet.
            ours: what this job has retrieved of the study already.
        """
        timer = ASSOCIATION_SECONDS.labels(purpose="retrieve").time()
        with timer, self._worker.archive(self._job) as archive:
            is_whole = False
            if wanted is None:
                choice = self._choose(archive, ours)
                if not choice.wanted and (choice.decisions or self._options.chooses):
                    # What came first to learn its SOP class was no dose report: it has been retrieved all the same.
                    self._end(QrStudyState.RETRIEVED if ours else QrStudyState.SKIPPED, choice.reason)
                    return None
                wanted = self._worker.contents.wanted(self._study.id) or []
                is_whole = not self._options.chooses and all(one.is_whole for one in choice.decisions)
            if self._job.state is QrJobState.CHOOSING:
                log_end(self._worker.studies.chosen(self._study))
                return None
            if is_whole:
                said = self._retrieval.whole_study(archive, wanted)
                if not wanted:
                    self._retrieved(said)
                    return None
            else:
                self._retrieval.chosen(archive, wanted)
        return wanted

    def _choose(self, archive: Archive, ours: Sequence[str]) -> Choice:
        """Find out what is wanted, and write it down; no decisions: all of a study of which nothing is known."""
        managed = self._job.store_node.managed
        if not self._options.chooses and not managed:
            # Arrival at a third party's node cannot be checked, so its instances need not be known.
            return Choice((), (), "everything")
        contents = self._worker.contents
        choice = examine(archive, self._study, options=self._options, contents=contents, we_receive=managed, ours=ours)
        contents.write(self._study.id, choice)
        return choice

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
        self._worker.studies.postpone(
            self._study, failure=str(error), reason=reason, counts=self._retrieval.counts, delay=delay
        )
        raise error

    def _retrieved(self, reason: str) -> None:
        """End the study with what came, what the node has shown, and why it was not the first attempt, in words."""
        parts = [reason, *self._retrieval.notes]
        if self._study.attempts:
            parts.append(f"at attempt {self._study.attempts + 1}; before: {self._study.last_failure}")
        self._end(QrStudyState.RETRIEVED, "; ".join(parts))

    def _end(self, state: QrStudyState, reason: str) -> None:
        end = self._worker.studies.end(self._study, state=state, reason=reason, counts=self._retrieval.counts)
        STUDIES.labels(state=state.value).inc()
        log.info("study over", study_instance_uid=self._study.study_instance_uid, state=state.value, reason=reason)
        log_end(end)
