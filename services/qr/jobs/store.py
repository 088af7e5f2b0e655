"""The SQL of query/retrieve jobs. Every change is conditional on the state it starts from, so it can come twice."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload, sessionmaker

from services.qr.jobs.decisions import JobEnd, Tally, job_end
from services.qr.remote.find import FoundStudy, StudyQuery
from services.qr.remote.status import Counts
from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import (
    OPEN_JOB_STATES,
    OPEN_STUDY_STATES,
    STUDY_STEP_STATES,
    QrJob,
    QrJobState,
    QrStudy,
    QrStudyState,
)
from shared.jobs.options import JobOptions
from shared.messages import QrStep

Objection = Callable[[FoundStudy], str | None]


def no_objection(study: FoundStudy) -> str | None:  # noqa: ARG001 (an Objection)
    """Want every study."""
    return None


def options_of(job: QrJob) -> JobOptions:
    """Return what a job wants of what it finds."""
    return JobOptions.model_validate(job.options)


def query_of(job: QrJob) -> StudyQuery:
    """Return what a job looks for."""
    options = options_of(job)
    return StudyQuery(
        date_from=job.date_from,
        date_until=job.date_until,
        study_instance_uid=job.study_instance_uid,
        time_from=options.time_from,
        time_until=options.time_until,
    )


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
        """Return the ids of the studies that have something to do, in the order in which they were found."""
        with unavailable_when_away(), self._sessions() as session:
            return session.scalars(
                select(QrStudy.id).join(QrJob).where(QrStudy.job_id == job_id, _has_a_step()).order_by(QrStudy.id)
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

    def add_studies(
        self,
        job_id: UUID,
        found: Iterable[FoundStudy],
        *,
        progress: str | None = None,
        objection: Objection = no_objection,
    ) -> None:
        """Write what the query found; a study that is there already stays as it is, an ended job gets no more.

        Args:
            job_id: the job.
            found: the studies.
            progress: how far the query is, as JSON; None: it does not say.
            objection: why a study is not wanted; None: it may be.
        """
        reasons = [(study, objection(study)) for study in found]
        rows = [
            {
                "job_id": job_id,
                "study_instance_uid": study.study_instance_uid,
                "study_date": study.study_date,
                "modalities_in_study": study.modalities_in_study,
                "instances_in_study": study.instances_in_study,
                "study_time": study.study_time,
                "study_description": study.study_description,
                "station_name": study.station_name,
                "state": QrStudyState.SKIPPED if reason else QrStudyState.FOUND,
                "explanation": reason or "",
                "reason": reason or "",
            }
            for study, reason in reasons
        ]
        if not rows and progress is None:
            return
        with unavailable_when_away(), self._sessions.begin() as session:
            job = _locked(session, job_id)
            if job is None or not job.state.is_open:
                return
            if rows:
                session.execute(insert(QrStudy).on_conflict_do_nothing(), rows)
            if progress is not None:
                job.query_progress = json.loads(progress)

    def begin_retrieving(
        self, job_id: UUID, *, lease: float, unanswered: Sequence[str] = (), review: bool = False
    ) -> None:
        """Say that the query is complete; `lease` seconds until the messages of the studies are out.

        Args:
            job_id: the job.
            lease: in seconds.
            unanswered: the ranges that the node would not answer, in words.
            review: what is wanted is chosen, and a person looks at it before anything is retrieved.
        """
        state = QrJobState.CHOOSING if review else QrJobState.RETRIEVING
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state == QrJobState.QUERYING)
                .values(
                    state=state,
                    state_detail="",
                    due_at=_in(lease),
                    unanswered=list(unanswered),
                    attempts=0,
                )
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

    def wait(self, job_id: UUID, study: QrStudy | None, *, detail: str, seconds: float) -> None:
        """Let a step wait in the database: the sweep publishes it when it is due."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = update(QrJob).where(QrJob.id == job_id, QrJob.state.in_(OPEN_JOB_STATES))
            session.execute(job.values(state_detail=detail, due_at=_in(seconds)))
            if study is not None:
                session.execute(update(QrStudy).where(QrStudy.id == study.id).values(due_at=_in(seconds)))

    def chosen(self, study: QrStudy) -> JobEnd | None:
        """Say that it is known what of a study is wanted; a person reviews it. Return how the choosing ended."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = _locked(session, study.job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.CHOSEN)
            )
            return _end_if_over(session, job)

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
            open_study = select(QrStudy.id).where(QrStudy.job_id == QrJob.id, _has_a_step()).exists()
            jobs = session.scalars(
                select(QrJob.id)
                .where(QrJob.state.in_(OPEN_JOB_STATES), QrJob.due_at < moment)
                .where(QrJob.state.not_in(STUDY_STEP_STATES) | ~open_study)
                .order_by(QrJob.due_at)
                .limit(limit)
            )
            steps = [QrStep(job_id=job_id) for job_id in jobs]
            studies = session.execute(
                select(QrStudy.job_id, QrStudy.id)
                .join(QrJob)
                .where(QrJob.state.in_(STUDY_STEP_STATES), _has_a_step(), QrStudy.due_at < moment)
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


def _has_a_step() -> ColumnElement[bool]:
    """Tell whether a study has something to do: what is chosen waits while the others are being chosen."""
    return or_(
        QrStudy.state.in_((QrStudyState.FOUND, QrStudyState.RETRIEVING)),
        and_(QrStudy.state == QrStudyState.CHOSEN, QrJob.state == QrJobState.RETRIEVING),
    )


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
    if job is None or job.state not in STUDY_STEP_STATES:
        return None
    end = job_end(
        _tally(session, job.id),
        query=str(query_of(job)),
        asked_for_one_study=job.study_instance_uid is not None,
        peer=job.remote_node.name,
        unanswered=job.unanswered,
        choosing=job.state is QrJobState.CHOOSING,
        notes=(job.query_progress or {}).get("notes", ()),
    )
    return None if end is None else _end(job, end)


def _end(job: QrJob, end: JobEnd) -> JobEnd:
    job.state, job.state_detail = end.state, end.detail
    job.finished_at = None if end.state is QrJobState.REVIEW else now()
    return end
