"""The steps of a job with an unexpected error, and with messages that come twice or too late."""

import threading
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from services.qr.jobs.claim import claim
from services.qr.jobs.contents import Contents
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.archive import Limits
from services.qr.remote.errors import WorkTaken
from services.qr.steps.handler import Steps
from services.qr.steps.worker import Worker
from shared.broker.consumer import Delivery
from shared.broker.topology import MAX_ATTEMPTS
from shared.database.engine import make_sessions
from shared.database.models.qr import QrJobState, QrStudyState
from shared.jobs.control import cancel_job
from shared.messages import QrStep
from shared.tls.client import ClientTls
from tools.measure.qr_jobs import QrJobs
from tools.pacs.request import SUCCESS
from tools.pacs.scripts import ends, finds
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
STUDY = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def steps(engine: Engine, jobs: Jobs, studies: Studies, amqp_url: str) -> Steps:
    limits = Limits(connect=2, acse=2, idle=5, total=10)
    worker = Worker(
        jobs=jobs,
        studies=studies,
        contents=Contents(sessions=make_sessions(engine)),
        amqp_url=amqp_url,
        limits=limits,
        tls=ClientTls(certificate=None, authorities=None),
        tls_of_ours=ClientTls(certificate=None, authorities=None),
        store_scp_host="127.0.0.1",
        arrival_seconds=2,
        stop=threading.Event(),
    )
    return Steps(engine=engine, worker=worker)


def take(steps: Steps, step: QrStep, *, attempt: int = 0) -> Sequence[BaseException | None]:
    return steps([Delivery(step, attempt)])


def begin(qr_jobs: QrJobs, *, port: int = 104, enabled: bool = True) -> UUID:
    return qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=port),
        store_node_id=qr_jobs.store_node(port=11112, managed=not enabled, enabled=enabled, host=None),
        date_from=DAY,
        date_until=DAY,
    )


def test_a_step_of_a_job_that_is_not_there_is_done(steps: Steps) -> None:
    assert take(steps, QrStep(job_id=uuid4())) == [None]
    assert take(steps, QrStep(job_id=uuid4(), study_id=77)) == [None]


def test_a_step_that_another_worker_holds_comes_again(steps: Steps, engine: Engine, qr_jobs: QrJobs) -> None:
    step = QrStep(job_id=begin(qr_jobs))
    with claim(engine, step):
        (outcome,) = take(steps, step)
    assert isinstance(outcome, WorkTaken)
    assert qr_jobs.get(step.job_id).state is QrJobState.QUEUED


def test_steps_that_come_twice_do_nothing_twice(steps: Steps, qr_jobs: QrJobs) -> None:
    with SimulatedPacs(find=finds(STUDY), move=ends(SUCCESS, completed=1)) as pacs:
        job_id = begin(qr_jobs, port=pacs.port)
        assert take(steps, QrStep(job_id=job_id)) == [None]
        (study,) = qr_jobs.get(job_id).studies
        assert take(steps, QrStep(job_id=job_id)) == [None]
        for _ in range(2):
            assert take(steps, QrStep(job_id=job_id, study_id=study.id)) == [None]
        assert pacs.requests == ["C_FIND", "C_MOVE"]
    assert qr_jobs.get(job_id).state is QrJobState.COMPLETE


def test_a_store_node_that_is_switched_off_fails_the_job_before_anything_is_asked(
    steps: Steps, qr_jobs: QrJobs
) -> None:
    with SimulatedPacs(find=finds(STUDY)) as pacs:
        job_id = begin(qr_jobs, port=pacs.port, enabled=False)
        assert take(steps, QrStep(job_id=job_id)) == [None]
        assert pacs.requests == []
    job = qr_jobs.get(job_id)
    assert job.state is QrJobState.FAILED
    assert job.state_detail == "store node store 0 is switched off: switch it on, or take another as destination"


def test_a_study_whose_worker_died_before_the_cancel_is_cancelled_too(
    steps: Steps, studies: Studies, qr_jobs: QrJobs
) -> None:
    with SimulatedPacs(find=finds(STUDY)) as pacs:
        job_id = begin(qr_jobs, port=pacs.port)
        take(steps, QrStep(job_id=job_id))
        (study,) = qr_jobs.get(job_id).studies
        studies.begin(study.id, lease=100)
        cancel_job(sessions=qr_jobs.sessions, job_id=job_id)
        assert take(steps, QrStep(job_id=job_id, study_id=study.id)) == [None]
        assert pacs.requests == ["C_FIND"]
    (study,) = qr_jobs.get(job_id).studies
    assert (study.state, study.reason) == (QrStudyState.CANCELLED, "the job is cancelled")


def test_the_last_of_many_attempts_at_a_node_that_is_away_ends_the_job(
    steps: Steps, jobs: Jobs, qr_jobs: QrJobs, free_port: int
) -> None:
    job_id = begin(qr_jobs, port=free_port)
    for attempt in range(MAX_ATTEMPTS - 1):
        (outcome,) = take(steps, QrStep(job_id=job_id), attempt=attempt)
        assert outcome is not None
    job = qr_jobs.get(job_id)
    assert job.state_detail.endswith("attempt 7 of 8, again in 30 minutes")

    assert take(steps, QrStep(job_id=job_id), attempt=MAX_ATTEMPTS - 1) == [None]
    job = qr_jobs.get(job_id)
    assert job.state is QrJobState.FAILED
    assert job.state_detail.endswith("is the port right?; given up after 8 attempts")


def test_an_error_that_nobody_foresaw_does_not_leave_the_query_open(
    steps: Steps, engine: Engine, qr_jobs: QrJobs
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE qr_study DROP COLUMN study_date"))
    with SimulatedPacs(find=finds(STUDY)) as pacs:
        job_id = begin(qr_jobs, port=pacs.port)
        (outcome,) = take(steps, QrStep(job_id=job_id))
        assert outcome is not None
        (outcome,) = take(steps, QrStep(job_id=job_id), attempt=MAX_ATTEMPTS - 1)
        assert outcome is not None
    with engine.connect() as connection:
        state, detail = connection.execute(text("SELECT state, state_detail FROM qr_job")).one()
    assert state == QrJobState.FAILED
    assert detail == "ProgrammingError; the log of the qr service says more"
