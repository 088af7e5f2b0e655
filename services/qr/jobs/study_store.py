"""The states of the studies of jobs in SQL. Every change is conditional on the state it starts from."""

import json
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.due import due_in, has_a_step
from services.qr.jobs.ending import end_if_over, locked
from services.qr.remote.find import FoundStudy
from services.qr.remote.status import Counts
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import OPEN_JOB_STATES, OPEN_STUDY_STATES, QrJob, QrStudy, QrStudyState

Objection = Callable[[FoundStudy], str | None]


def no_objection(study: FoundStudy) -> str | None:  # noqa: ARG001 (an Objection)
    """Want every study."""
    return None


class Studies:
    """The studies of jobs in the database. Every method is a transaction of its own.

    Every method raises `Unavailable` where the database is away.
    """

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def study(self, study_id: int) -> QrStudy | None:
        """Return a study, or None where there is none."""
        with unavailable_when_away(), self._sessions() as session:
            return session.get(QrStudy, study_id)

    def with_a_step(self, job_id: UUID) -> Sequence[int]:
        """Return the ids of the studies that have something to do, in the order in which they were found."""
        with unavailable_when_away(), self._sessions() as session:
            return session.scalars(
                select(QrStudy.id).join(QrJob).where(QrStudy.job_id == job_id, has_a_step()).order_by(QrStudy.id)
            ).all()

    def add(
        self,
        job_id: UUID,
        found: Iterable[FoundStudy],
        *,
        progress: str | None = None,
        objection: Objection = no_objection,
    ) -> None:
        """Add the studies that the query found; known studies are not changed, and an ended job gets no more.

        Args:
            job_id: the job.
            found: the studies.
            progress: how far the query is, as JSON; None: it does not say.
            objection: returns the reason why a study is not wanted; None: it may be wanted.
        """
        rows = [_row(job_id, study, objection(study)) for study in found]
        if not rows and progress is None:
            return
        with unavailable_when_away(), self._sessions.begin() as session:
            job = locked(session, job_id)
            if job is None or not job.state.is_open:
                return
            if rows:
                session.execute(insert(QrStudy).on_conflict_do_nothing(), rows)
            if progress is not None:
                job.query_progress = json.loads(progress)

    def begin(self, study_id: int, *, lease: float) -> bool:
        """Mark a retrieval as begun, and give it `lease` seconds; return False where the study is over."""
        with unavailable_when_away(), self._sessions.begin() as session:
            begun = session.scalar(
                update(QrStudy)
                .where(QrStudy.id == study_id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.RETRIEVING, due_at=due_in(lease), **_columns(Counts()))
                .returning(QrStudy.id)
            )
            return begun is not None

    def progress(self, study_id: int, counts: Counts) -> None:
        """Write how far a retrieval is."""
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study_id, QrStudy.state == QrStudyState.RETRIEVING)
                .values(**_columns(counts))
            )

    def postpone(self, study: QrStudy, *, failure: str, reason: str, counts: Counts, delay: float) -> None:
        """Count an attempt, say why it failed, and that its message comes again after `delay` seconds.

        Args:
            study: the study.
            failure: why the attempt failed.
            reason: the same for people, with when the next attempt comes.
            counts: how far the attempt came.
            delay: in seconds.
        """
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(
                    state=QrStudyState.FOUND,
                    reason=reason,
                    last_failure=failure,
                    attempts=QrStudy.attempts + 1,
                    due_at=due_in(delay),
                    **_columns(counts),
                )
            )
            session.execute(
                update(QrJob)
                .where(QrJob.id == study.job_id, QrJob.state.in_(OPEN_JOB_STATES))
                .values(state_detail=reason)
            )

    def chosen(self, study: QrStudy) -> JobEnd | None:
        """Mark a study as chosen, for the review by a person; return how its job ended, None: it has not."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = locked(session, study.job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=QrStudyState.CHOSEN)
            )
            return end_if_over(session, job)

    def end(self, study: QrStudy, *, state: QrStudyState, reason: str, counts: Counts | None = None) -> JobEnd | None:
        """Write how a study ended, and end its job where it was the last; return how the job ended."""
        with unavailable_when_away(), self._sessions.begin() as session:
            job = locked(session, study.job_id)
            session.execute(
                update(QrStudy)
                .where(QrStudy.id == study.id, QrStudy.state.in_(OPEN_STUDY_STATES))
                .values(state=state, reason=reason, **(_columns(counts) if counts else {}))
            )
            if job is not None and job.state.is_open:
                job.state_detail = ""
            return end_if_over(session, job)


def _row(job_id: UUID, study: FoundStudy, objection: str | None) -> dict[str, object]:
    return {
        "job_id": job_id,
        "study_instance_uid": study.study_instance_uid,
        "study_date": study.study_date,
        "modalities_in_study": study.modalities_in_study,
        "instances_in_study": study.instances_in_study,
        "study_time": study.study_time,
        "study_description": study.study_description,
        "station_name": study.station_name,
        "state": QrStudyState.SKIPPED if objection else QrStudyState.FOUND,
        "explanation": objection or "",
        "reason": objection or "",
    }


def _columns(counts: Counts) -> dict[str, int | None]:
    return {
        "remaining": counts.remaining,
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
    }
