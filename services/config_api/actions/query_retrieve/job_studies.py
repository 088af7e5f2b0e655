"""The studies of a query/retrieve job, with their series and instances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.base import ExecutableOption

from services.config_api.web import problem
from shared.database.models import QrInstance, QrSeries, QrStudy, QrStudyState, Study

STUDIES = 50
"""The number of studies on a page."""
INSTANCES = 200
"""The most instances listed of a series."""


@dataclass(frozen=True, slots=True)
class JobStudyPage:
    """Studies of a job in the order in which they were found; `next_after` leads to the next page, None on the last."""

    rows: Sequence[QrStudy]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with the first of its instances, and the numbers of all and of wanted instances."""

    series: QrSeries
    instances: Sequence[QrInstance]
    count: int
    wanted: int


@dataclass(frozen=True, slots=True)
class StudyDetail:
    """A study of a job, its series, and the ids of the stored studies with the same Study Instance UID."""

    study: QrStudy
    series: Sequence[SeriesRow]
    stored: Sequence[int]


def find_study_page(session: Session, job_id: UUID, *, state: QrStudyState | None, after: int) -> JobStudyPage:
    """Return a page of the studies of a job."""
    statement = select(QrStudy).where(QrStudy.job_id == job_id, QrStudy.id > after).order_by(QrStudy.id)
    if state is not None:
        statement = statement.where(QrStudy.state == state)
    rows = session.scalars(statement.limit(STUDIES + 1)).all()
    shown = rows[:STUDIES]
    return JobStudyPage(shown, shown[-1].id if len(rows) > STUDIES else None)


def count_study_states(session: Session, job_id: UUID) -> Mapping[QrStudyState, int]:
    """Return the number of studies of a job in each state, in the order of the states."""
    statement = select(QrStudy.state, func.count()).where(QrStudy.job_id == job_id).group_by(QrStudy.state)
    counts = {row[0]: row[1] for row in session.execute(statement)}
    return {state: counts[state] for state in QrStudyState if state in counts}


def find_studies(session: Session, job_id: UUID, *, most: int) -> Sequence[QrStudy]:
    """Return the first studies of a job, in the order in which they were found."""
    return session.scalars(select(QrStudy).where(QrStudy.job_id == job_id).order_by(QrStudy.id).limit(most)).all()


def find_whole_study(session: Session, job_id: UUID, study_instance_uid: str) -> QrStudy:
    """Return a study with all series and instances.

    Raises:
        ProblemError: the job has not found it.
    """
    return _find_study(
        session, job_id, study_instance_uid, selectinload(QrStudy.series).selectinload(QrSeries.instances)
    )


def find_study_detail(session: Session, job_id: UUID, study_instance_uid: str) -> StudyDetail:
    """Return a study with its series and the first of their instances.

    Raises:
        ProblemError: the job has not found it.
    """
    study = _find_study(session, job_id, study_instance_uid)
    series = session.scalars(
        select(QrSeries).where(QrSeries.study_id == study.id).order_by(QrSeries.series_number, QrSeries.id)
    ).all()
    stored = session.scalars(select(Study.id).where(Study.study_instance_uid == study_instance_uid).order_by(Study.id))
    return StudyDetail(study, _with_instances(session, series), stored.all())


def _find_study(session: Session, job_id: UUID, study_instance_uid: str, *load: ExecutableOption) -> QrStudy:
    wanted = select(QrStudy).where(QrStudy.job_id == job_id, QrStudy.study_instance_uid == study_instance_uid)
    study = session.scalar(wanted.options(*load)) if study_instance_uid.isprintable() else None
    if study is None:
        raise problem.not_found(f"job {job_id} has not found this study", "the job lists those that it has found")
    return study


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
    # Wanted ones first: where not all can be shown, they matter most.
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
