"""What the pages show of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.config_api import problem
from services.config_api.api.qr_job_models import Progress, QrJobOutput, QrJobQuery
from services.config_api.api.qr_jobs import find_job, find_job_page, find_progress
from services.config_api.api.qr_schedule_models import QrScheduleOutput
from shared.database.base import now
from shared.database.models import (
    QrInstance,
    QrJobState,
    QrSchedule,
    QrSeries,
    QrStudy,
    QrStudyState,
    RemoteNode,
    StoreNode,
    Study,
)
from shared.dicom.uid import is_valid_uid

JOBS = 20
STUDIES = 50
INSTANCES = 200
"""Of a series, at most."""


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


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Studies of a job in the order in which they were found; `next_after` leads to the next page, None on the last."""

    rows: Sequence[QrStudy]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with the first of its instances, and how many of them there are and are wanted."""

    series: QrSeries
    instances: Sequence[QrInstance]
    count: int
    wanted: int


@dataclass(frozen=True, slots=True)
class StudyDetail:
    """A study of a job, its series, and where it is stored by now."""

    study: QrStudy
    series: Sequence[SeriesRow]
    stored: Sequence[int]


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule, and when it is due, also where that has passed."""

    schedule: QrScheduleOutput
    due_at: datetime
    waits: bool
    """It was due already: the job before is at work, or no worker has looked yet."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Whom a form can name."""

    remote: Sequence[RemoteNode]
    store: Sequence[StoreNode]


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


def study_page(session: Session, job_id: UUID, *, state: QrStudyState | None, after: int) -> StudyPage:
    """Return a page of the studies of a job."""
    statement = select(QrStudy).where(QrStudy.job_id == job_id, QrStudy.id > after).order_by(QrStudy.id)
    if state is not None:
        statement = statement.where(QrStudy.state == state)
    rows = session.scalars(statement.limit(STUDIES + 1)).all()
    shown = rows[:STUDIES]
    return StudyPage(shown, shown[-1].id if len(rows) > STUDIES else None)


def study_states(session: Session, job_id: UUID) -> Mapping[QrStudyState, int]:
    """Return how many studies of a job are in each state that there is, in the order of the states."""
    statement = select(QrStudy.state, func.count()).where(QrStudy.job_id == job_id).group_by(QrStudy.state)
    counts = {row[0]: row[1] for row in session.execute(statement)}
    return {state: counts[state] for state in QrStudyState if state in counts}


def study_detail(session: Session, job_id: UUID, study_instance_uid: str) -> StudyDetail:
    """Return a study with its series and their instances.

    Raises:
        ProblemError: the job has not found it.
    """
    wanted = select(QrStudy).where(QrStudy.job_id == job_id, QrStudy.study_instance_uid == study_instance_uid)
    study = session.scalar(wanted) if is_valid_uid(study_instance_uid) else None
    if study is None:
        raise problem.not_found(f"job {job_id} has not found this study", "the page of the job lists those it has")
    series = session.scalars(
        select(QrSeries).where(QrSeries.study_id == study.id).order_by(QrSeries.series_number, QrSeries.id)
    ).all()
    stored = session.scalars(select(Study.id).where(Study.study_instance_uid == study_instance_uid).order_by(Study.id))
    return StudyDetail(study, _with_instances(session, series), stored.all())


def schedule_rows(session: Session) -> Sequence[ScheduleRow]:
    """Return the schedules by name."""
    moment = now()
    schedules = session.scalars(select(QrSchedule).order_by(QrSchedule.name)).all()
    return [
        ScheduleRow(QrScheduleOutput.of(one, moment=moment), one.next_run_at, one.enabled and one.next_run_at <= moment)
        for one in schedules
    ]


def nodes(session: Session) -> Nodes:
    """Return the nodes by name."""
    return Nodes(
        session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all(),
        session.scalars(select(StoreNode).order_by(StoreNode.name)).all(),
    )


def _with_instances(session: Session, series: Sequence[QrSeries]) -> list[SeriesRow]:
    ids = [one.id for one in series]
    counts = {
        row.series_id: (row.count, row.wanted)
        for row in session.execute(
            select(
                QrInstance.series_id,
                func.count().label("count"),
                func.count().filter(QrInstance.wanted).label("wanted"),
            )
            .where(QrInstance.series_id.in_(ids))
            .group_by(QrInstance.series_id)
        )
    }
    # Those that are wanted first: they are what the page is opened for where not all can be shown.
    order = (QrInstance.wanted.desc(), QrInstance.instance_number, QrInstance.id)
    place = func.row_number().over(partition_by=QrInstance.series_id, order_by=order).label("place")
    ranked = select(QrInstance.id, place).where(QrInstance.series_id.in_(ids)).subquery()
    shown: dict[int, list[QrInstance]] = {id_: [] for id_ in ids}
    for instance in session.scalars(
        select(QrInstance)
        .join(ranked, ranked.c.id == QrInstance.id)
        .where(ranked.c.place <= INSTANCES)
        .order_by(*order)
    ):
        shown[instance.series_id].append(instance)
    return [SeriesRow(one, shown[one.id], *counts.get(one.id, (0, 0))) for one in series]


def _schedule_names(session: Session, ids: set[int | None]) -> Mapping[int, str]:
    statement = select(QrSchedule.id, QrSchedule.name).where(QrSchedule.id.in_(ids - {None}))
    return {row[0]: row[1] for row in session.execute(statement)}


def _begun_by(job: QrJobOutput, schedule_names: Mapping[int, str]) -> str:
    """Return who has begun a job; without logins, a person is nobody in particular."""
    if job.schedule_id is None:
        return "a person"
    return f"schedule {schedule_names.get(job.schedule_id, job.schedule_id)}"
