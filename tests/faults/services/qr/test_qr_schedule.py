"""Schedules with workers that are killed: another one begins the job, once, for all days of the downtime."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from shared.database.engine import make_engine
from tests.helpers.qr.schedules import add_schedule, jobs_of, schedule_of
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.measure.store_node import wait_until

pytestmark = pytest.mark.faults

DAY = timedelta(days=1)
LOOK = "0.2"
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield engine
    engine.dispose()


def is_blocked(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(BLOCKED))


def test_a_worker_that_is_killed_while_it_begins_a_job(
    engine: Engine, amqp_url: str, services: Services, free_port: int
) -> None:
    qr_jobs = QrJobs(engine=engine, amqp_url=amqp_url)
    tonight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    covered = (tonight - 4 * DAY).date()
    node = qr_jobs.remote_node(port=free_port)
    schedule = add_schedule(
        qr_jobs, remote_node_id=node, cron="0 0 * * *", next_run_at=tonight - 2 * DAY, covered_until=covered
    )
    with engine.connect() as held, held.begin():
        # A job refers to its node: whoever begins one waits for this row, with the schedule in hand.
        held.execute(text("SELECT id FROM remote_node WHERE id = :id FOR UPDATE"), {"id": node})
        killed = services.start("qr", qr_schedule_seconds=LOOK, wait=False)
        wait_until(lambda: is_blocked(engine), what="the worker has the schedule in hand")
        killed.kill()
        for _ in range(2):
            services.start("qr", qr_schedule_seconds=LOOK)
        assert jobs_of(qr_jobs, schedule) == []
    wait_until(lambda: bool(jobs_of(qr_jobs, schedule)), what="another worker begins the job")
    time.sleep(5 * float(LOOK))

    (job,) = jobs_of(qr_jobs, schedule)
    assert (job.date_from, job.date_until) == (covered + DAY, (tonight - DAY).date())
    assert schedule_of(qr_jobs, schedule).next_run_at == tonight + DAY
    assert "of which 2 days no run had covered" in schedule_of(qr_jobs, schedule).last_outcome
