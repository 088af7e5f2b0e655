"""Beginning and cancelling query/retrieve jobs: for whoever lets people do so (page, REST, command line)."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from shared.broker.publisher import Publisher
from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.qr import OPEN_JOB_STATES, QrJob, QrJobState, QrStudy, QrStudyState
from shared.dicom.uid import is_valid_uid
from shared.errors import Permanent, Unavailable
from shared.jobs.options import JobOptions
from shared.logging import get_logger
from shared.messages import QrStep

WAITING = (QrStudyState.FOUND, QrStudyState.CHOSEN)

log = get_logger(__name__)


class InvalidJob(Permanent):
    """The job makes no sense; the text says why, for the person who asked for it."""


def create_job(
    *,
    sessions: sessionmaker[Session],
    amqp_url: str,
    remote_node_id: int,
    store_node_id: int,
    date_from: date | None = None,
    date_until: date | None = None,
    study_instance_uid: str | None = None,
    options: JobOptions | None = None,
) -> UUID:
    """Write down a job for one study, or for the studies of a range of days, and publish its first step.

    A broker that is away does not matter: the qr service finds the job in the database some minutes later.

    Args:
        sessions: the database.
        amqp_url: the broker.
        remote_node_id: whom to query.
        store_node_id: where the remote node shall send what it finds.
        date_from: the first Study Date.
        date_until: the last Study Date, which belongs to the range.
        study_instance_uid: the one study; then no dates.
        options: what of that is wanted; None: everything.

    Raises:
        InvalidJob: a node does not exist, or the query is none.
        Unavailable: the database is away.
    """
    options = options or JobOptions()
    _check_query(date_from, date_until, study_instance_uid)
    if (options.time_from or options.time_until) and (date_from is None or date_from != date_until):
        raise InvalidJob("times are for a job about one day: give that day as the first and the last")
    with unavailable_when_away(), sessions.begin() as session:
        for node_class, node_id in ((RemoteNode, remote_node_id), (StoreNode, store_node_id)):
            if session.get(node_class, node_id) is None:
                raise InvalidJob(f"there is no {node_class.__tablename__.replace('_', ' ')} {node_id}")
        job = QrJob(
            remote_node_id=remote_node_id,
            store_node_id=store_node_id,
            date_from=date_from,
            date_until=date_until,
            study_instance_uid=study_instance_uid,
            options=options.model_dump(mode="json"),
        )
        session.add(job)
        session.flush()
        job_id = job.id
    publish_job(amqp_url=amqp_url, job_id=job_id)
    return job_id


def retrieve_job(*, sessions: sessionmaker[Session], amqp_url: str, job_id: UUID) -> bool:
    """Let a reviewed job retrieve what was chosen. False where no review is due.

    Raises:
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        job = session.scalar(select(QrJob).where(QrJob.id == job_id).with_for_update())
        if job is None or job.state is not QrJobState.REVIEW:
            return False
        job.state, job.state_detail, job.due_at = QrJobState.RETRIEVING, "", now()
    publish_job(amqp_url=amqp_url, job_id=job_id)
    return True


def retry_job(*, sessions: sessionmaker[Session], amqp_url: str, job_id: UUID) -> bool:
    """Try again what failed of a job that is over: its failed studies, or its query. False where nothing failed.

    Raises:
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        job = session.scalar(select(QrJob).where(QrJob.id == job_id).with_for_update())
        if job is None or job.state not in (QrJobState.FAILED, QrJobState.PARTIAL):
            return False
        failed = session.execute(
            update(QrStudy)
            .where(QrStudy.job_id == job_id, QrStudy.state == QrStudyState.FAILED)
            .values(state=QrStudyState.FOUND, attempts=0, due_at=now())
            .returning(QrStudy.id)
        ).all()
        # A query that found nothing, or not everything, is asked again: what it found stays found.
        ask_again = bool(job.unanswered) or not failed
        job.state = QrJobState.QUEUED if ask_again else QrJobState.RETRIEVING
        job.state_detail, job.attempts, job.unanswered, job.finished_at = "", 0, [], None
        job.query_progress, job.due_at = None, now()
    publish_job(amqp_url=amqp_url, job_id=job_id)
    return True


def publish_job(*, amqp_url: str, job_id: UUID) -> None:
    """Publish a job's next step; a broker that is away does not matter."""
    try:
        with Publisher(amqp_url=amqp_url, name="dosewire-create-job") as publisher:
            publisher.publish(QrStep(job_id=job_id))
    except Unavailable as error:
        log.warning("job waits for the sweep of the qr service", job=str(job_id), error=str(error))


def cancel_job(*, sessions: sessionmaker[Session], job_id: UUID) -> bool:
    """Cancel a job; a worker that is at it stops within seconds. False where it is over already, or unknown.

    Raises:
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        job = session.scalar(select(QrJob).where(QrJob.id == job_id).with_for_update())
        if job is None or job.state not in OPEN_JOB_STATES | {QrJobState.REVIEW}:
            return False
        job.state, job.state_detail, job.finished_at = QrJobState.CANCELLED, "cancelled by a person", now()
        # What is being retrieved just now is ended by its worker, which knows how far it came.
        session.execute(
            update(QrStudy)
            .where(QrStudy.job_id == job_id, QrStudy.state.in_(WAITING))
            .values(state=QrStudyState.CANCELLED, reason="the job was cancelled before its turn")
        )
        return True


def _check_query(date_from: date | None, date_until: date | None, study_instance_uid: str | None) -> None:
    if study_instance_uid is not None:
        if date_from or date_until:
            raise InvalidJob("give either a Study Instance UID or dates, not both")
        if not is_valid_uid(study_instance_uid):
            raise InvalidJob("this is not a Study Instance UID: at most 64 characters, numbers joined by dots")
    elif date_from is None or date_until is None:
        raise InvalidJob("give a first and a last day, or a Study Instance UID")
    elif date_from > date_until:
        raise InvalidJob(f"the first day, {date_from}, comes after the last, {date_until}")
