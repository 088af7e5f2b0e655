from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.qr.jobs.due import DueSteps
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from shared.database.engine import make_engine, make_sessions
from tools.measure.qr_jobs import QrJobs


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield engine
    engine.dispose()


@pytest.fixture
def qr_jobs(engine: Engine, amqp_url: str) -> QrJobs:
    return QrJobs(engine=engine, amqp_url=amqp_url)


@pytest.fixture
def jobs(engine: Engine) -> Jobs:
    return Jobs(sessions=make_sessions(engine))


@pytest.fixture
def studies(engine: Engine) -> Studies:
    return Studies(sessions=make_sessions(engine))


@pytest.fixture
def due_steps(engine: Engine) -> DueSteps:
    return DueSteps(sessions=make_sessions(engine))
