"""What the pages show of jobs: the history, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.api.query_retrieve.job_models import Progress, QrJobOutput, QrJobQuery
from services.config_api.api.query_retrieve.jobs import find_job, find_job_page, find_progress
from services.config_api.web import problem
from shared.database.models import QrJobState, QrSchedule

JOBS = 20
"""On a page."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job, and who has begun it."""

    job: QrJobOutput
    progress: Progress
    begun_by: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first; `older` is the cursor of the next page, None on the last one."""

    rows: Sequence[JobRow]
    older: str | None


def job_page(session: Session, *, states: Sequence[QrJobState], schedule_id: int | None, cursor: str | None) -> JobPage:
    """Return a page of the history.

    Raises:
        ProblemError: the cursor is none.
    """
    try:
        query = QrJobQuery(state=list(states), schedule_id=schedule_id, limit=JOBS, cursor=cursor)
    except ValidationError as error:
        raise problem.invalid(*problem.field_problems(error)) from None
    found = find_job_page(session, query)
    names = _schedule_names(session, {job.schedule_id for job in found.items})
    rows = [JobRow(job, job.progress, _begun_by(job, names)) for job in found.items]
    return JobPage(rows, found.next_cursor)


def job_row(session: Session, job_id: UUID) -> JobRow:
    """Return one job.

    Raises:
        ProblemError: there is none of this id.
    """
    progress = find_progress(session, [job_id])[job_id]
    job = QrJobOutput.of(find_job(session, job_id), progress)
    return JobRow(job, progress, _begun_by(job, _schedule_names(session, {job.schedule_id})))


def _schedule_names(session: Session, ids: set[int | None]) -> Mapping[int, str]:
    statement = select(QrSchedule.id, QrSchedule.name).where(QrSchedule.id.in_(ids - {None}))
    return {row[0]: row[1] for row in session.execute(statement)}


def _begun_by(job: QrJobOutput, schedule_names: Mapping[int, str]) -> str:
    """Return who has begun a job; without logins, a person is nobody in particular."""
    if job.schedule_id is None:
        return "a person"
    return f"schedule {schedule_names.get(job.schedule_id, job.schedule_id)}"
