"""Schedules in a real database: taken once, with their job, whatever other workers do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from services.qr.schedule.scheduler import Scheduler
from services.qr.schedule.store import Schedules
from shared.broker.connection import connect, open_channel
from shared.broker.topology import QR
from shared.database.engine import make_engine, make_sessions
from shared.database.models import QrJobState, QrSchedule, WhileRunning
from shared.errors import Unavailable
from shared.health import Health
from shared.jobs.options import JobOptions, ModalityClass
from shared.messages import QrStep, parse
from tests.helpers.qr.schedules import DUE, add_schedule, end_jobs, jobs_of, schedule_of
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)


@pytest.fixture
def schedules(engine: Engine) -> Schedules:
    return Schedules(sessions=make_sessions(engine))


def take(schedules: Schedules, moment: datetime) -> UUID | None:
    run = schedules.take(moment=moment)
    assert run is not None
    return run.job_id


def test_a_run_begins_a_job_and_is_due_again_the_next_night(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs, options={"modalities": ["CT"]})
    assert schedules.take(moment=DUE - timedelta(seconds=1)) is None
    job_id = take(schedules, DUE)
    [job] = jobs_of(qr_jobs, schedule_id)
    assert (job.id, job.state) == (job_id, QrJobState.QUEUED)
    assert JobOptions.model_validate(job.options) == JobOptions(modalities=(ModalityClass.CT,))
    assert (job.date_from, job.date_until) == (date(2026, 3, 9), date(2026, 3, 9))
    schedule = schedule_of(qr_jobs, schedule_id)
    assert schedule.next_run_at == DUE + DAY
    assert schedule.last_run_at == DUE
    assert schedules.take(moment=DUE) is None


def test_what_is_switched_off_begins_nothing(qr_jobs: QrJobs, schedules: Schedules) -> None:
    add_schedule(qr_jobs, enabled=False)
    assert schedules.take(moment=DUE + DAY) is None


def test_a_downtime_costs_no_day_and_gives_one_job(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs)
    take(schedules, DUE)
    end_jobs(qr_jobs, QrJobState.COMPLETE)
    take(schedules, DUE + 5 * DAY + timedelta(hours=6))
    last = jobs_of(qr_jobs, schedule_id)[-1]
    assert (last.date_from, last.date_until) == (date(2026, 3, 10), date(2026, 3, 14))
    assert schedules.take(moment=DUE + 5 * DAY + timedelta(hours=7)) is None
    assert schedule_of(qr_jobs, schedule_id).next_run_at == DUE + 6 * DAY


def test_the_days_of_a_failed_job_are_asked_for_again(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs)
    for night in range(3):
        take(schedules, DUE + night * DAY)
        end_jobs(qr_jobs, QrJobState.FAILED if night < 2 else QrJobState.COMPLETE)
    take(schedules, DUE + 3 * DAY)
    days = [(job.date_from, job.date_until) for job in jobs_of(qr_jobs, schedule_id)]
    assert days[2:] == [(date(2026, 3, 9), date(2026, 3, 11)), (date(2026, 3, 12), date(2026, 3, 12))]


def test_a_run_waits_for_the_job_before(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs, while_running=WhileRunning.WAIT)
    take(schedules, DUE)
    assert take(schedules, DUE + DAY) is None
    assert schedule_of(qr_jobs, schedule_id).last_outcome.startswith("waits")
    end_jobs(qr_jobs, QrJobState.COMPLETE)
    assert take(schedules, DUE + DAY + timedelta(hours=3)) is not None
    assert schedule_of(qr_jobs, schedule_id).next_run_at == DUE + 2 * DAY


def test_a_run_is_left_out_and_caught_up_with(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs)
    take(schedules, DUE)
    assert take(schedules, DUE + DAY) is None
    end_jobs(qr_jobs, QrJobState.COMPLETE)
    take(schedules, DUE + 2 * DAY)
    last = jobs_of(qr_jobs, schedule_id)[-1]
    assert (last.date_from, last.date_until) == (date(2026, 3, 10), date(2026, 3, 11))


def test_another_remote_node_has_its_own_jobs_before(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs)
    take(schedules, DUE)
    with qr_jobs.sessions.begin() as session:
        session.get_one(QrSchedule, schedule_id).remote_node_id = qr_jobs.remote_node(port=105)
    assert take(schedules, DUE + DAY) is not None


def test_what_cannot_be_worked_out_does_not_keep_others_waiting(qr_jobs: QrJobs, schedules: Schedules) -> None:
    wrong = add_schedule(qr_jobs, time_zone="Europe/Atlantis")
    right = add_schedule(qr_jobs, name="Another")
    assert [take(schedules, DUE) is None, take(schedules, DUE) is None] == [True, False]
    assert schedule_of(qr_jobs, wrong).last_outcome.startswith("switched off: it is not a time zone")
    assert len(jobs_of(qr_jobs, right)) == 1


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ({"colour": "blue"}, "switched off: its options are not valid (colour): correct them"),
        ({"time_from": "08:00:00"}, "switched off: times are for a job about one day"),
    ],
)
def test_options_that_make_no_job_do_not_keep_others_waiting(
    qr_jobs: QrJobs, schedules: Schedules, options: dict[str, str], outcome: str
) -> None:
    wrong = add_schedule(qr_jobs, options=options, overlap_days=1)
    right = add_schedule(qr_jobs, name="Another")
    assert [take(schedules, DUE) is None, take(schedules, DUE) is None] == [True, False]
    schedule = schedule_of(qr_jobs, wrong)
    assert not schedule.enabled
    assert schedule.last_outcome.startswith(outcome)
    assert len(jobs_of(qr_jobs, right)) == 1


def test_however_many_look_each_run_begins_one_job(qr_jobs: QrJobs, database_url: str) -> None:
    ids = [add_schedule(qr_jobs, name=f"Schedule {number}") for number in range(3)]
    workers = 4
    barrier = threading.Barrier(workers)

    def work() -> None:
        engine = make_engine(database_url=database_url, name="dosewire-test")
        own = Schedules(sessions=make_sessions(engine))
        for night in range(3):
            barrier.wait()
            behind = 0
            while (run := own.take(behind=behind, moment=DUE + night * DAY)) is not None:
                behind = run.schedule_id
            if barrier.wait() == 0:
                end_jobs(qr_jobs, QrJobState.COMPLETE)
        engine.dispose()

    with ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(work) for _ in range(workers)]:
            future.result()
    expected = [date(2026, 3, day) for day in (9, 10, 11)]
    for schedule_id in ids:
        jobs = jobs_of(qr_jobs, schedule_id)
        assert [(job.date_from, job.date_until) for job in jobs] == [(day, day) for day in expected]


def test_a_worker_that_dies_at_it_has_begun_nothing(qr_jobs: QrJobs, schedules: Schedules) -> None:
    schedule_id = add_schedule(qr_jobs)
    with qr_jobs.sessions() as session:
        session.get_one(QrSchedule, schedule_id, with_for_update=True)  # as one that has it in hand
        assert schedules.take(moment=DUE) is None
        session.rollback()
    assert take(schedules, DUE) is not None


def scheduler(schedules: Schedules, amqp_url: str, health: Health) -> Scheduler:
    return Scheduler(schedules=schedules, amqp_url=amqp_url, every=0.05, health=health)


def test_a_scheduler_publishes_the_job_by_the_clock_of_the_database(
    qr_jobs: QrJobs, schedules: Schedules, amqp_url: str
) -> None:
    now = datetime.now(UTC)
    schedule_id = add_schedule(qr_jobs, next_run_at=now - timedelta(minutes=1))
    future = add_schedule(qr_jobs, name="Later", next_run_at=now + timedelta(hours=1))
    assert scheduler(schedules, amqp_url, Health()).once() == 1
    [job] = jobs_of(qr_jobs, schedule_id)
    assert jobs_of(qr_jobs, future) == []
    connection = connect(amqp_url=amqp_url, name="test")
    _, _, body = open_channel(connection).basic_get(QR.work, auto_ack=True)
    connection.close()
    assert parse(QrStep, body) == QrStep(job_id=job.id)


def test_a_run_that_waits_is_looked_at_once(qr_jobs: QrJobs, schedules: Schedules, amqp_url: str) -> None:
    add_schedule(qr_jobs, while_running=WhileRunning.WAIT)
    assert scheduler(schedules, amqp_url, Health()).once() == 1
    with qr_jobs.sessions.begin() as session:
        for schedule in session.query(QrSchedule):
            schedule.next_run_at = DUE
    assert scheduler(schedules, amqp_url, Health()).once() == 0


def test_without_a_database_it_says_so_and_goes_on(free_port: int, amqp_url: str) -> None:
    engine = make_engine(database_url=f"postgresql+psycopg2://nobody@127.0.0.1:{free_port}/none", name="test")
    away = Schedules(sessions=make_sessions(engine))
    with pytest.raises(Unavailable, match="PostgreSQL"):
        scheduler(away, amqp_url, Health()).once()
    engine.dispose()
