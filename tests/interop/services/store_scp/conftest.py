from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.measure.store_node import RunningNode

NETWORK_TIMEOUT_SECONDS = 3


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, data_dir: Path, free_port: int) -> Iterator[RunningNode]:
    """A node process by itself that gives up on silent peers after three seconds."""
    monkeypatch.setenv("DOSEWIRE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("DOSEWIRE_DICOM_BIND", RunningNode.host)
    monkeypatch.setenv("DOSEWIRE_NETWORK_TIMEOUT_SECONDS", str(NETWORK_TIMEOUT_SECONDS))
    monkeypatch.setenv("DOSEWIRE_MAXIMUM_ASSOCIATIONS", "20")
    with RunningNode(port=free_port, data_dir=data_dir) as running:
        yield running
