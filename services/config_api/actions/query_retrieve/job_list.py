"""The list of query/retrieve jobs, newest first, each with its progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from services.config_api.actions.common.models import QueryModel
from services.config_api.web import paging as keyset
from services.config_api.web import problem
from shared.database.models import QrJob, QrJobState, QrStudy, QrStudyState
from shared.database.models.qr import OPEN_STUDY_STATES
from shared.jobs.options import JobOptions


def _cursor(text: str) -> str:
    keyset.decode(text, UUID)
    return text


class QrJobFilter(QueryModel):
    """The jobs of a list; filters are combined with AND."""

    state: list[QrJobState] = Field(default=[], description="One of these states")
    schedule_id: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Begun by this schedule")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before"
    )


@dataclass(frozen=True, slots=True)
class JobProgress:
    """Numbers of studies by their state, and of objects as the remote node counts them."""

    studies: int = 0
    open: int = 0
    retrieved: int = 0
    failed: int = 0
    cancelled: int = 0
    skipped: int = 0
    objects_completed: int = 0
    objects_failed: int = 0


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job with its nodes, its options as values, and its progress."""

    job: QrJob
    options: JobOptions
    progress: JobProgress


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first; `next_cursor` leads to the next page, None on the last one."""

    items: Sequence[JobSummary]
    next_cursor: str | None


def find_job_page(session: Session, wanted: QrJobFilter) -> JobPage:
    """Return a page of jobs, newest first."""
    statement = (
        select(QrJob)
        .options(joinedload(QrJob.remote_node), joinedload(QrJob.store_node))
        .order_by(QrJob.created_at.desc(), QrJob.id.desc())
    )
    if wanted.state:
        statement = statement.where(QrJob.state.in_(wanted.state))
    if wanted.schedule_id is not None:
        statement = statement.where(QrJob.schedule_id == wanted.schedule_id)
    if wanted.cursor is not None:
        statement = statement.where(tuple_(QrJob.created_at, QrJob.id) < keyset.decode(wanted.cursor, UUID))
    rows = session.scalars(statement.limit(wanted.limit + 1)).all()
    shown = rows[: wanted.limit]
    progress = _find_progress(session, [job.id for job in shown])
    more = keyset.encode(shown[-1].created_at, shown[-1].id) if len(rows) > wanted.limit else None
    return JobPage([_summary(job, progress) for job in shown], more)


def find_job(session: Session, job_id: UUID) -> JobSummary:
    """Return a job.

    Raises:
        ProblemError: there is none of this id.
    """
    job = session.get(QrJob, job_id, options=(joinedload(QrJob.remote_node), joinedload(QrJob.store_node)))
    if job is None:
        raise problem.not_found(f"there is no query/retrieve job {job_id}", "GET /api/v1/qr-jobs lists them")
    return _summary(job, _find_progress(session, [job_id]))


def _summary(job: QrJob, progress: Mapping[UUID, JobProgress]) -> JobSummary:
    return JobSummary(job, JobOptions.model_validate(job.options), progress[job.id])


def _find_progress(session: Session, job_ids: Sequence[UUID]) -> Mapping[UUID, JobProgress]:
    """Return the progress of each job, with one query for all of them."""

    def count(state: QrStudyState) -> ColumnElement[int]:
        return func.count().filter(QrStudy.state == state)

    rows = session.execute(
        select(
            QrStudy.job_id,
            func.count().label("studies"),
            func.count().filter(QrStudy.state.in_(OPEN_STUDY_STATES)).label("open"),
            count(QrStudyState.RETRIEVED).label("retrieved"),
            count(QrStudyState.FAILED).label("failed"),
            count(QrStudyState.CANCELLED).label("cancelled"),
            count(QrStudyState.SKIPPED).label("skipped"),
            func.coalesce(func.sum(QrStudy.completed), 0).label("objects_completed"),
            func.coalesce(func.sum(QrStudy.failed), 0).label("objects_failed"),
        )
        .where(QrStudy.job_id.in_(job_ids))
        .group_by(QrStudy.job_id)
    )
    names = [field.name for field in fields(JobProgress)]
    found = {row.job_id: JobProgress(**{name: getattr(row, name) for name in names}) for row in rows}
    return dict.fromkeys(job_ids, JobProgress()) | found
