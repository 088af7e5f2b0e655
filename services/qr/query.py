"""The first step of a job: find its studies, and publish a step for each."""

import time
from collections.abc import Iterable, Iterator

from services.qr.decisions import failed_attempt, gives_up, last_attempt
from services.qr.errors import JobCancelled, RemoteError
from services.qr.find import SOP_CLASSES, FoundStudy, echo, find_all_studies
from services.qr.jobs import query_of
from services.qr.metrics import ASSOCIATION_SECONDS
from services.qr.nodes import destination_of
from services.qr.worker import Worker, log_end
from shared.broker.publisher import Publisher
from shared.broker.topology import retry_delay
from shared.database.models.qr import QrJob
from shared.logging import get_logger
from shared.messages import QrStep

BATCH = 100
BATCH_SECONDS = 1.0
PUBLISH_LEASE = 120.0

log = get_logger(__name__)


def query(worker: Worker, job: QrJob, *, attempt: int) -> None:
    """Find the studies of a job and write them down as they come; then dispatch them.

    Raises:
        RemoteError: not this time; the message shall come again.
        Unavailable: the database or the broker is away, or this worker is being stopped.
    """
    if not worker.jobs.begin_query(job.id, lease=worker.limits.total):
        return
    studies = query_of(job)
    log.info("query begins", remote_node=job.remote_node.name, query=str(studies), failed_attempts=job.attempts)
    try:
        destination_of(job.store_node)  # nothing is asked for that could not arrive
        with ASSOCIATION_SECONDS.labels(purpose="query").time(), worker.associate(job, SOP_CLASSES) as link:
            echo(link)
            for batch in batches(find_all_studies(link, studies)):
                worker.jobs.add_studies(job.id, batch)
    except JobCancelled:
        log.info("query cancelled")
        return
    except RemoteError as error:
        _failed(worker, job, error, attempt=attempt)
        return
    worker.jobs.begin_retrieving(job.id, lease=PUBLISH_LEASE)
    dispatch(worker, job)


def dispatch(worker: Worker, job: QrJob) -> None:
    """Publish a step for each open study of a job, or end the job where there is none.

    Raises:
        Unavailable: the database or the broker is away.
    """
    open_studies = worker.jobs.open_studies(job.id)
    if not open_studies:
        log_end(worker.jobs.end_if_over(job.id))
        return
    log.info("retrieval begins", studies=len(open_studies))
    with Publisher(amqp_url=worker.amqp_url, name="dosewire-qr-steps") as publisher:
        for study_id in open_studies:
            publisher.publish(QrStep(job_id=job.id, study_id=study_id))


def batches(studies: Iterable[FoundStudy]) -> Iterator[list[FoundStudy]]:
    """Yield the studies in lists, so that a crash and a person's patience cost little and a commit is shared."""
    batch: list[FoundStudy] = []
    since = time.monotonic()
    for study in studies:
        batch.append(study)
        if len(batch) >= BATCH or time.monotonic() - since >= BATCH_SECONDS:
            yield batch
            batch, since = [], time.monotonic()
    yield batch


def _failed(worker: Worker, job: QrJob, error: RemoteError, *, attempt: int) -> None:
    attempts = job.attempts + 1
    if gives_up(error, attempts=attempts):
        log_end(worker.jobs.fail(job.id, detail=last_attempt(error, attempts=attempts)))
        return
    delay = retry_delay(attempt + 1)
    detail = failed_attempt(error, attempts=attempts, again_in=delay)
    worker.jobs.postpone_query(job.id, detail=detail, delay=delay)
    raise error
