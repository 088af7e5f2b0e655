"""Schedules in SQL: one that is due, its job, and its next run in one transaction.

Several workers may search at once: each locks the row that it takes (`FOR UPDATE SKIP LOCKED`), and the others then
find its next run in the future. A worker that is killed in between has begun nothing. The time is the database's, so
that the clocks of workers do not matter.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from services.qr.schedule.plan import Begin, JobBefore, Rules, Wait, covered, plan
from shared.database.engine import unavailable_when_away
from shared.database.models import QrJob, QrSchedule
from shared.jobs.create import InvalidJob, NewJob, add_job
from shared.jobs.cron import last_run, runs_after
from shared.jobs.options import JobOptions


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a schedule that was due."""

    schedule_id: int
    outcome: str
    job_id: UUID | None
    """The job that was begun and has to be published; None: none was."""


class Schedules:
    """The schedules in the database. Every method is a transaction of its own."""

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def take(self, *, behind: int = 0, moment: datetime | None = None) -> Run | None:
        """Run the next due schedule, by id, that no other worker has locked; return None if there is none.

        Args:
            behind: the id of the schedule that was taken before, 0 at first: one that waits is looked at once.
            moment: now, for tests; None: the database's time.

        Raises:
            Unavailable: the database is away.
        """
        with unavailable_when_away(), self._sessions.begin() as session:
            moment = moment or session.scalars(select(func.clock_timestamp())).one()
            schedule = session.scalar(
                select(QrSchedule)
                .where(QrSchedule.enabled, QrSchedule.next_run_at <= moment, QrSchedule.id > behind)
                .order_by(QrSchedule.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=QrSchedule)
            )
            return None if schedule is None else _run(session, schedule, moment)


def _run(session: Session, schedule: QrSchedule, moment: datetime) -> Run:
    rules = Rules(
        time_zone=schedule.time_zone,
        days_ago=schedule.days_ago,
        overlap_days=schedule.overlap_days,
        catch_up_days=schedule.catch_up_days,
        while_running=schedule.while_running,
    )
    before = _job_before(session, schedule)
    schedule.covered_until = covered(rules, before=before, covered_until=schedule.covered_until)
    try:
        last = last_run(schedule.cron, schedule.time_zone, moment)
        following = next(runs_after(schedule.cron, schedule.time_zone, moment))
    except ValueError as error:  # a time zone that is not known any more must not keep the other schedules waiting
        return _switched_off(schedule, f"it {error}")
    due = schedule.next_run_at if last is None else max(last, schedule.next_run_at)
    decision = plan(rules, due=due, moment=moment, before=before, covered_until=schedule.covered_until)
    try:
        job_id = _begin(session, schedule, decision, moment) if isinstance(decision, Begin) else None
    except ValidationError as error:  # written by another version
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        return _switched_off(schedule, f"its options are not valid ({wrong}): correct them")
    except InvalidJob as error:
        return _switched_off(schedule, str(error))
    schedule.last_outcome = decision.outcome
    if not isinstance(decision, Wait):
        schedule.next_run_at = following
    return Run(schedule.id, decision.outcome, job_id)


def _switched_off(schedule: QrSchedule, why: str) -> Run:
    schedule.enabled, schedule.last_outcome = False, f"switched off: {why}"
    return Run(schedule.id, schedule.last_outcome, None)


def _begin(session: Session, schedule: QrSchedule, decision: Begin, moment: datetime) -> UUID:
    job = NewJob(
        remote_node_id=schedule.remote_node_id,
        store_node_id=schedule.store_node_id,
        schedule_id=schedule.id,
        date_from=decision.date_from,
        date_until=decision.date_until,
        options=JobOptions.model_validate(schedule.options),
    )
    job_id = add_job(session, job, moment=moment)
    schedule.last_run_at, schedule.covered_until = moment, decision.covered_until
    return job_id


def _job_before(session: Session, schedule: QrSchedule) -> JobBefore | None:
    """Return the schedule's last job; one that asked another node says nothing of this one."""
    job = session.scalar(
        select(QrJob)
        .where(QrJob.schedule_id == schedule.id, QrJob.remote_node_id == schedule.remote_node_id)
        .order_by(QrJob.created_at.desc())
        .limit(1)
    )
    if job is None or job.date_until is None:
        return None
    return JobBefore(
        state=job.state, date_until=job.date_until, created_at=job.created_at, incomplete=bool(job.unanswered)
    )
