"""The states of jobs in SQL. Every change is conditional on the state it starts from, so it can come twice."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, sessionmaker

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.due import due_in
from services.qr.jobs.ending import end, end_if_over, locked, tally
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import (
    OPEN_JOB_STATES,
    OPEN_STUDY_STATES,
    QrJob,
    QrJobState,
    QrStudy,
    QrStudyState,
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

    def is_open(self, job_id: UUID) -> bool:
        """Tell whether a job is still to be worked on: not cancelled, not over."""
        with unavailable_when_away(), self._sessions() as session:
            state = session.scalar(select(QrJob.state).where(QrJob.id == job_id))
            return state is not None and state.is_open

    def begin_query(self, job_id: UUID, *, lease: float) -> bool:
        """Mark the query as begun, and give it `lease` seconds; return False where nothing is left to query."""
        with unavailable_when_away(), self._sessions.begin() as session:
            begun = session.scalar(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state.in_((QrJobState.QUEUED, QrJobState.QUERYING)))
                .values(state=QrJobState.QUERYING, due_at=due_in(lease))
                .returning(QrJob.id)
            )
            return begun is not None

    def begin_retrieving(
        self, job_id: UUID, *, lease: float, unanswered: Sequence[str] = (), review: bool = False
    ) -> None:
        """Mark the query as complete; `lease` seconds until the messages of the studies are published.

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
                    due_at=due_in(lease),
                    unanswered=list(unanswered),
                    attempts=0,
                )
            )
            session.execute(
                update(QrStudy)
                .where(QrStudy.job_id == job_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(due_at=due_in(lease))
            )

    def postpone_query(self, job_id: UUID, *, detail: str, delay: float) -> None:
        """Count an attempt, say why it failed, and that its message comes again after `delay` seconds."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrJob)
                .where(QrJob.id == job_id, QrJob.state.in_(OPEN_JOB_STATES))
                .values(state_detail=detail, attempts=QrJob.attempts + 1, due_at=due_in(delay))
            )

    def wait(self, job_id: UUID, study_id: int | None, *, detail: str, seconds: float) -> None:
        """Let a step wait in the database: the sweep publishes it when it is due."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = update(QrJob).where(QrJob.id == job_id, QrJob.state.in_(OPEN_JOB_STATES))
            session.execute(job.values(state_detail=detail, due_at=due_in(seconds)))
            if study_id is not None:
                session.execute(update(QrStudy).where(QrStudy.id == study_id).values(due_at=due_in(seconds)))

    def end_if_over(self, job_id: UUID) -> JobEnd | None:
        """End a job that is retrieving and has no open study left; return how it ended."""
        with unavailable_when_away(), self._sessions.begin() as session:
            return end_if_over(session, locked(session, job_id))

    def fail(self, job_id: UUID, *, detail: str) -> JobEnd | None:
        """End a job for a reason that holds for all its open studies; what has come so far makes it partial."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = locked(session, job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.job_id == job_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.FAILED, reason=detail)
            )
            if job is None or not job.state.is_open:
                return None
            retrieved = tally(session, job_id).count(QrStudyState.RETRIEVED)
            return end(job, JobEnd(QrJobState.PARTIAL if retrieved else QrJobState.FAILED, detail))
