"""Jobs as the pages show them: the history, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from services.config_api.actions.query_retrieve.job_list import (
    JobProgress,
    JobSummary,
    QrJobFilter,
    find_job,
    find_job_page,
)
from services.config_api.actions.query_retrieve.schedules import find_schedule_names
from services.config_api.web import problem
from shared.database.models import QrJob, QrJobState
from shared.jobs.options import JobOptions

JOBS = 20
"""The number of jobs on a page."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with its options as values, its progress, and the person or schedule that has begun it, in words."""

    job: QrJob
    options: JobOptions
    progress: JobProgress
    begun_by: str


@dataclass(frozen=True, slots=True)
class JobHistory:
    """Jobs, newest first; `older` is the cursor of the next page, None on the last one."""

    rows: Sequence[JobRow]
    older: str | None


def job_history(
    session: Session, *, states: Sequence[QrJobState], schedule_id: int | None, cursor: str | None
) -> JobHistory:
    """Return a page of the history.

    Raises:
        ProblemError: the cursor is not one of ours.
    """
    try:
        wanted = QrJobFilter(state=list(states), schedule_id=schedule_id, limit=JOBS, cursor=cursor)
    except ValidationError as error:
        raise problem.invalid(*problem.field_problems(error)) from None
    found = find_job_page(session, wanted)
    return JobHistory(_rows(session, found.items), found.next_cursor)


def job_row(session: Session, job_id: UUID) -> JobRow:
    """Return one job.

    Raises:
        ProblemError: there is none of this id.
    """
    return _rows(session, [find_job(session, job_id)])[0]


def _rows(session: Session, found: Sequence[JobSummary]) -> list[JobRow]:
    names = find_schedule_names(session, {one.job.schedule_id for one in found if one.job.schedule_id is not None})
    return [JobRow(one.job, one.options, one.progress, _begun_by(one.job, names)) for one in found]


def _begun_by(job: QrJob, schedule_names: Mapping[int, str]) -> str:
    """Return the schedule or person that has begun a job; without logins, persons have no name."""
    if job.schedule_id is None:
        return "a person"
    return f"schedule {schedule_names.get(job.schedule_id, job.schedule_id)}"
