"""The end of a job in SQL: decided and written in the transaction that ends its last study."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.qr.jobs.decisions import JobEnd, Tally, job_end
from services.qr.jobs.job import query_of
from shared.database.base import now
from shared.database.models.qr import STUDY_STEP_STATES, QrJob, QrJobState, QrStudy, QrStudyState
from shared.jobs.options import JobOptions


def locked(session: Session, job_id: UUID) -> QrJob | None:
    """Return the job with its row locked: of two last studies that end together, one sees the other."""
    return session.scalar(select(QrJob).where(QrJob.id == job_id).with_for_update())


def tally(session: Session, job_id: UUID) -> Tally:
    """Count the studies of a job by their states."""
    rows = session.execute(
        select(QrStudy.state, func.count(), func.sum(QrStudy.completed))
        .where(QrStudy.job_id == job_id)
        .group_by(QrStudy.state)
    ).all()
    return Tally(
        studies={state: count for state, count, _ in rows},
        some_objects_of_failed=any(state is QrStudyState.FAILED and bool(objects) for state, _, objects in rows),
    )


def end_if_over(session: Session, job: QrJob | None) -> JobEnd | None:
    """End a job that has nothing left to do; return how it ended."""
    if job is None or job.state not in STUDY_STEP_STATES:
        return None
    decided = job_end(
        tally(session, job.id),
        query=str(query_of(job, JobOptions.model_validate(job.options))),
        asked_for_one_study=job.study_instance_uid is not None,
        peer=job.remote_node.name,
        unanswered=job.unanswered,
        choosing=job.state is QrJobState.CHOOSING,
        notes=(job.query_progress or {}).get("notes", ()),
    )
    return None if decided is None else end(job, decided)


def end(job: QrJob, decided: JobEnd) -> JobEnd:
    """Write how a job ends, and return it."""
    job.state, job.state_detail = decided.state, decided.detail
    job.finished_at = None if decided.state is QrJobState.REVIEW else now()
    return decided
