from pathlib import Path

import pytest

from tests.helpers.store_scp.tls import Files, Made


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture
def files(tmp_path: Path, made: Made) -> Files:
    return Files(tmp_path, made)
