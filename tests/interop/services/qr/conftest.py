from collections.abc import Iterator

import pytest

from shared.database.engine import make_engine
from tools.measure.qr_jobs import QrJobs


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()
