"""An importer on the test's own database and folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.importer.in_process import Workbench


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()
