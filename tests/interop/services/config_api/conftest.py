from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.config_api.rest import RunningApi


@pytest.fixture
def api(database_url: str, amqp_url: str, data_dir: Path) -> Iterator[RunningApi]:
    running = RunningApi(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir)
    yield running
    running.close()
