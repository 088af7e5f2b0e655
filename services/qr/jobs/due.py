"""The times at which the messages of steps are due, and the steps whose message is overdue, in SQL."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.qr import OPEN_JOB_STATES, STUDY_STEP_STATES, QrJob, QrJobState, QrStudy, QrStudyState
from shared.messages import QrStep


def due_in(seconds: float) -> datetime:
    """Return the time that is so many seconds from now."""
    return now() + timedelta(seconds=seconds)


def has_a_step() -> ColumnElement[bool]:
    """Tell whether a study has a step to take: chosen ones wait while others are still being chosen."""
    return or_(
        QrStudy.state.in_((QrStudyState.FOUND, QrStudyState.RETRIEVING)),
        and_(QrStudy.state == QrStudyState.CHOSEN, QrJob.state == QrJobState.RETRIEVING),
    )


class DueSteps:
    """The steps of all jobs by the time at which they are due.

    Every method raises `Unavailable` where the database is away.
    """

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def overdue(self, *, grace: float, limit: int) -> list[QrStep]:
        """Return the steps whose message should have come `grace` seconds ago, the oldest first, at most `limit`."""
        moment = due_in(-grace)
        with unavailable_when_away(), self._sessions() as session:
            open_study = select(QrStudy.id).where(QrStudy.job_id == QrJob.id, has_a_step()).exists()
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
                .where(QrJob.state.in_(STUDY_STEP_STATES), has_a_step(), QrStudy.due_at < moment)
                .order_by(QrStudy.due_at, QrStudy.id)
                .limit(limit)
            )
            steps += [QrStep(job_id=job_id, study_id=study_id) for job_id, study_id in studies]
            return steps[:limit]

    def published_again(self, step: QrStep) -> None:
        """Note that the message of a step has just been published."""
        with unavailable_when_away(), self._sessions.begin() as session:
            if step.study_id is None:
                session.execute(update(QrJob).where(QrJob.id == step.job_id).values(due_at=now()))
            else:
                session.execute(update(QrStudy).where(QrStudy.id == step.study_id).values(due_at=now()))
