"""Schedules for tests, written into the database as the REST interface would."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from shared.database.models import QrJob, QrJobState, QrSchedule
from tools.measure.qr_jobs import QrJobs

DUE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def add_schedule(qr_jobs: QrJobs, *, remote_node_id: int | None = None, **given: Any) -> int:
    """Write down a schedule of every night at two, due at `DUE` first; return its id."""
    values: dict[str, Any] = {
        "name": "Every night",
        "remote_node_id": remote_node_id or qr_jobs.remote_node(port=104),
        "store_node_id": qr_jobs.store_node(port=11112),
        "cron": "0 2 * * *",
        "time_zone": "UTC",
        "next_run_at": DUE,
    }
    with qr_jobs.sessions.begin() as session:
        schedule = QrSchedule(**(values | given))
        session.add(schedule)
        session.flush()
        return schedule.id


def schedule_of(qr_jobs: QrJobs, schedule_id: int) -> QrSchedule:
    """Return a schedule as it stands."""
    with qr_jobs.sessions() as session:
        return session.get_one(QrSchedule, schedule_id)


def jobs_of(qr_jobs: QrJobs, schedule_id: int) -> list[QrJob]:
    """Return the jobs of a schedule in the order in which they were begun."""
    with qr_jobs.sessions() as session:
        return list(session.scalars(select(QrJob).filter_by(schedule_id=schedule_id).order_by(QrJob.created_at)))


def end_jobs(qr_jobs: QrJobs, state: QrJobState) -> None:
    """Let every job that is open end."""
    with qr_jobs.sessions.begin() as session:
        for job in session.scalars(select(QrJob).where(QrJob.state == QrJobState.QUEUED)):
            job.state = state
