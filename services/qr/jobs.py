"""The SQL of query/retrieve jobs. Every change is conditional on the state it starts from, so it can come twice."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, sessionmaker

from services.qr.decisions import JobEnd, Tally, job_end
from services.qr.find import FoundStudy, StudyQuery
from services.qr.status import Counts
from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import (
    OPEN_JOB_STATES,
    OPEN_STUDY_STATES,
    QrJob,
    QrJobState,
    QrStudy,
    QrStudyState,
)
from shared.messages import QrStep


def query_of(job: QrJob) -> StudyQuery:
    """Return what a job looks for."""
    return StudyQuery(date_from=job.date_from, date_until=job.date_until, study_instance_uid=job.study_instance_uid)


class Jobs:
    """The jobs in the database. Every method is a transaction of its own.

    Every method raises `Unavailable` where the database is away.
    """

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def job(self, job_id: UUID) -> QrJob | None:
        """Return a job with its nodes, or None where there is none."""
        with unavailable_when_away(), self._sessions() as session:
            return session.get(QrJob, job_id, options=[joinedload(QrJob.remote_node), joinedload(QrJob.store_node)])

    def study(self, study_id: int) -> QrStudy | None:
        """Return a study, or None where there is none."""
        with unavailable_when_away(), self._sessions() as session:
            return session.get(QrStudy, study_id)

    def is_open(self, job_id: UUID) -> bool:
        """Tell whether a job is still to be worked on: not cancelled, not over."""
        with unavailable_when_away(), self._sessions() as session:
            state = session.scalar(select(QrJob.state).where(QrJob.id == job_id))
            return state is not None and state.is_open

    def open_studies(self, job_id: UUID) -> Sequence[int]:
        """Return the ids of the studies that are not over, in the order in which they were found."""
        with unavailable_when_away(), self._sessions() as session:
            return session.scalars(
                select(QrStudy.id)
                .where(QrStudy.job_id == job_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .order_by(QrStudy.id)
            ).all()

    def begin_query(self, job_id: UUID, *, lease: float) -> bool:
        """Say that the query has begun, and give it `lease` seconds; False where there is nothing to query any more."""
        with unavailable_when_away(), self._sessions.begin() as session:
            begun = session.scalar(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state.in_((QrJobState.QUEUED, QrJobState.QUERYING)))
                .values(state=QrJobState.QUERYING, due_at=_in(lease))
                .returning(QrJob.id)
            )
            return begun is not None

    def add_studies(self, job_id: UUID, found: Iterable[FoundStudy]) -> None:
        """Write what the query found; a study that is there already stays as it is, an ended job gets no more."""
        rows = [
            {
                "job_id": job_id,
                "study_instance_uid": study.study_instance_uid,
                "study_date": study.study_date,
                "modalities_in_study": study.modalities_in_study,
                "instances_in_study": study.instances_in_study,
                "state": QrStudyState.FOUND,
            }
            for study in found
        ]
        if not rows:
            return
        with unavailable_when_away(), self._sessions.begin() as session:
            job = _locked(session, job_id)
            if job is not None and job.state.is_open:
                session.execute(insert(QrStudy).on_conflict_do_nothing(), rows)

    def begin_retrieving(self, job_id: UUID, *, lease: float) -> None:
        """Say that the query is complete; `lease` seconds until the messages of the studies are out."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state == QrJobState.QUERYING)
                .values(state=QrJobState.RETRIEVING, state_detail="", due_at=_in(lease))
            )
            session.execute(
                update(QrStudy)
                .where(QrStudy.job_id == job_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(due_at=_in(lease))
            )

    def postpone_query(self, job_id: UUID, *, detail: str, delay: float) -> None:
        """Count an attempt, say why it failed, and that its message comes again after `delay` seconds."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state.in_(OPEN_JOB_STATES))
                .values(state_detail=detail, attempts=QrJob.attempts + 1, due_at=_in(delay))
            )

    def begin_study(self, study_id: int, *, lease: float) -> bool:
        """Say that a retrieval has begun, and give it `lease` seconds; False where the study is over."""
        with unavailable_when_away(), self._sessions.begin() as session:
            begun = session.scalar(
                update(QrStudy)
                .where(QrStudy.id == study_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.RETRIEVING, due_at=_in(lease), **_counts(Counts()))
                .returning(QrStudy.id)
            )
            return begun is not None

    def progress(self, study_id: int, counts: Counts) -> None:
        """Write how far a retrieval is."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study_id, QrStudy.state == QrStudyState.RETRIEVING)
                .values(**_counts(counts))
            )

    def postpone_study(self, study: QrStudy, *, reason: str, counts: Counts, delay: float) -> None:
        """Count an attempt, say why it failed, and that its message comes again after `delay` seconds."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(
                    state=QrStudyState.FOUND,
                    reason=reason,
                    attempts=QrStudy.attempts + 1,
                    due_at=_in(delay),
                    **_counts(counts),
                )
            )
            session.execute(
                update(QrJob)
                .where(QrJob.id == study.job_id, QrJob.state.in_(OPEN_JOB_STATES))
                .values(state_detail=reason)
            )

    def end_study(
        self, study: QrStudy, *, state: QrStudyState, reason: str, counts: Counts | None = None
    ) -> JobEnd | None:
        """Write how a study ended, and end its job where it was the last; return how the job ended."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = _locked(session, study.job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=state, reason=reason, **(_counts(counts) if counts else {}))
            )
            if job is not None and job.state.is_open:
                job.state_detail = ""
            return _end_if_over(session, job)

    def end_if_over(self, job_id: UUID) -> JobEnd | None:
        """End a job that is retrieving and has no open study left; return how it ended."""
        with unavailable_when_away(), self._sessions.begin() as session:
            return _end_if_over(session, _locked(session, job_id))

    def fail(self, job_id: UUID, *, detail: str) -> JobEnd | None:
        """End a job for a reason that holds for all its open studies; what has come so far makes it partial."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = _locked(session, job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.job_id == job_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.FAILED, reason=detail)
            )
            if job is None or not job.state.is_open:
                return None
            retrieved = _tally(session, job_id).count(QrStudyState.RETRIEVED)
            return _end(job, JobEnd(QrJobState.PARTIAL if retrieved else QrJobState.FAILED, detail))

    def overdue(self, *, grace: float, limit: int) -> list[QrStep]:
        """Return the steps whose message should have come `grace` seconds ago, the oldest first, at most `limit`."""
        moment = _in(-grace)
        with unavailable_when_away(), self._sessions() as session:
            open_study = (
                select(QrStudy.id).where(QrStudy.job_id == QrJob.id, QrStudy.state.in_(OPEN_STUDY_STATES)).exists()
            )
            jobs = session.scalars(
                select(QrJob.id)
                .where(QrJob.state.in_(OPEN_JOB_STATES), QrJob.due_at < moment)
                .where((QrJob.state != QrJobState.RETRIEVING) | ~open_study)
                .order_by(QrJob.due_at)
                .limit(limit)
            )
            steps = [QrStep(job_id=job_id) for job_id in jobs]
            studies = session.execute(
                select(QrStudy.job_id, QrStudy.id)
                .join(QrJob)
                .where(QrJob.state == QrJobState.RETRIEVING)
                .where(QrStudy.state.in_(OPEN_STUDY_STATES), QrStudy.due_at < moment)
                .order_by(QrStudy.due_at, QrStudy.id)
                .limit(limit)
            )
            steps += [QrStep(job_id=job_id, study_id=study_id) for job_id, study_id in studies]
            return steps[:limit]

    def published_again(self, step: QrStep) -> None:
        """Say that the message of a step has just been published."""
        with unavailable_when_away(), self._sessions.begin() as session:
            if step.study_id is None:
                session.execute(update(QrJob).where(QrJob.id == step.job_id).values(due_at=now()))
            else:
                session.execute(update(QrStudy).where(QrStudy.id == step.study_id).values(due_at=now()))


def _in(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


def _counts(counts: Counts) -> dict[str, int | None]:
    return {
        "remaining": counts.remaining,
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
    }


def _locked(session: Session, job_id: UUID) -> QrJob | None:
    """Return the job with its row locked: of two last studies that end together, one sees the other."""
    return session.scalar(select(QrJob).where(QrJob.id == job_id).with_for_update())


def _tally(session: Session, job_id: UUID) -> Tally:
    rows = session.execute(
        select(QrStudy.state, func.count(), func.sum(QrStudy.completed))
        .where(QrStudy.job_id == job_id)
        .group_by(QrStudy.state)
    ).all()
    return Tally(
        studies={state: count for state, count, _ in rows},
        some_objects_of_failed=any(state is QrStudyState.FAILED and bool(objects) for state, _, objects in rows),
    )


def _end_if_over(session: Session, job: QrJob | None) -> JobEnd | None:
    if job is None or job.state is not QrJobState.RETRIEVING:
        return None
    end = job_end(
        _tally(session, job.id),
        query=str(query_of(job)),
        asked_for_one_study=job.study_instance_uid is not None,
        peer=job.remote_node.name,
    )
    return None if end is None else _end(job, end)


def _end(job: QrJob, end: JobEnd) -> JobEnd:
    job.state, job.state_detail, job.finished_at = end.state, end.detail, now()
    return end
