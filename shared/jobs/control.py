"""The control of existing query/retrieve jobs: go on after the review, retry, cancel."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import OPEN_JOB_STATES, QrJob, QrJobState, QrStudy, QrStudyState
from shared.jobs.publish import publish_job

WAITING = (QrStudyState.FOUND, QrStudyState.CHOSEN)


def retrieve_job(*, sessions: sessionmaker[Session], amqp_url: str, job_id: UUID) -> bool:
    """Let a reviewed job retrieve its choice. Return False where no review is due.

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
    """Try the failed studies or the query of a finished job again. Return False where nothing failed.

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
