"""The first step of a job: query for its studies, and publish a step for each."""

from collections.abc import Sequence

from services.qr.choice.filters import study_objection
from services.qr.choice.study import classes_of, unwanted
from services.qr.jobs.decisions import failed_attempt, gives_up, last_attempt
from services.qr.jobs.job import JobInHand
from services.qr.jobs.metrics import ASSOCIATION_SECONDS
from services.qr.query.progress import QueryProgress
from services.qr.query.study_query import StudyQuerySession
from services.qr.remote.errors import JobCancelled, NodeTrouble, RemoteError
from services.qr.remote.find import FoundStudy
from services.qr.remote.nodes import destination_of
from services.qr.steps.worker import Worker, log_end
from shared.broker.publisher import Publisher
from shared.broker.topology import retry_delay
from shared.jobs.options import JobOptions
from shared.logging import get_logger
from shared.messages import QrStep

PUBLISH_LEASE = 120.0

log = get_logger(__name__)


def query(worker: Worker, job: JobInHand, *, attempt: int) -> None:
    """Find the studies of a job and write them down as they come; then dispatch them.

    Raises:
        RemoteError: not this time; the message shall come again.
        Unavailable: the database or the broker is away, or this worker is being stopped.
    """
    if not worker.jobs.begin_query(job.id, lease=worker.limits.total):
        return
    log.info("query begins", remote_node=job.remote_node.name, query=str(job.query), failed_attempts=job.attempts)
    try:
        destination_of(job.store_node)  # nothing is asked for that could not arrive
        worker.check_store_node(job)
        unanswered = _ask(worker, job)
    except JobCancelled:
        log.info("query cancelled")
        return
    except RemoteError as error:
        _failed(worker, job, error, attempt=attempt)
        return
    worker.jobs.begin_retrieving(job.id, lease=PUBLISH_LEASE, unanswered=unanswered, review=job.options.review)
    dispatch(worker, job)


def _ask(worker: Worker, job: JobInHand) -> list[str]:
    """Ask for what has not been asked for yet; return the ranges that stay unanswered, in words."""
    progress = QueryProgress.resume(job.query_progress, job.query, job.options)

    def save(found: Sequence[FoundStudy], progress: QueryProgress) -> None:
        worker.studies.add(
            job.id, found, progress=progress.model_dump_json(), objection=lambda study: objection(study, job.options)
        )

    timer = ASSOCIATION_SECONDS.labels(purpose="query").time()
    with timer, worker.archive(job) as archive:
        archive.echo()
        session = StudyQuerySession(archive=archive, query=job.query, node=job.settings, progress=progress, save=save)
        unanswered = session.run(last_attempt=job.attempts + 1 >= NodeTrouble.max_attempts)
    log.info("query over", finds=progress.finds, unanswered=len(unanswered), notes=progress.notes)
    return unanswered


def objection(study: FoundStudy, options: JobOptions) -> str | None:
    """Return why a study is not wanted as far as its answer at STUDY level tells; None: it may be."""
    dropped = study_objection(description=study.study_description, station_name=study.station_name, options=options)
    if dropped is not None:
        return dropped
    modalities = frozenset(study.modalities or ())
    if options.chooses and modalities and not classes_of(modalities, options.modalities):
        return unwanted(modalities, options)
    return None


def dispatch(worker: Worker, job: JobInHand) -> None:
    """Publish a step for each open study of a job, or end the job where there is none.

    Raises:
        Unavailable: the database or the broker is away.
    """
    open_studies = worker.studies.with_a_step(job.id)
    if not open_studies:
        log_end(worker.jobs.end_if_over(job.id))
        return
    log.info("retrieval begins", studies=len(open_studies))
    with Publisher(amqp_url=worker.amqp_url, name="dosewire-qr-steps") as publisher:
        for study_id in open_studies:
            publisher.publish(QrStep(job_id=job.id, study_id=study_id))


def _failed(worker: Worker, job: JobInHand, error: RemoteError, *, attempt: int) -> None:
    attempts = job.attempts + 1
    if gives_up(error, attempts=attempts):
        log_end(worker.jobs.fail(job.id, detail=last_attempt(error, attempts=attempts)))
        return
    delay = retry_delay(attempt + 1)
    detail = failed_attempt(error, attempts=attempts, again_in=delay)
    worker.jobs.postpone_query(job.id, detail=detail, delay=delay)
    raise error
