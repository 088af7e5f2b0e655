"""Service processes, tested with other programs."""

import os
from pathlib import Path

import pytest

from tools.stack.errors import StackError
from tools.stack.processes import ServiceProcess, stop_all


def test_a_service_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = ServiceProcess(service="no_such_service", settings={}, log_file=tmp_path / "log")
    process.start()
    with pytest.raises(StackError, match=r"(?s)no_such_service ended \(status 1\).*No module named services\.no_such"):
        process.wait_ready(timeout_s=30)


def test_a_service_gets_its_settings_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSEWIRE_DATABASE_URL", "postgresql://another/installation")
    process = ServiceProcess(service="importer", settings={"log_format": "json"}, log_file=tmp_path / "log")
    process.start()
    try:
        with pytest.raises(StackError, match="DOSEWIRE_DATABASE_URL: is not set"):
            process.wait_ready(timeout_s=30)
    finally:
        stop_all([process])
    assert os.environ["DOSEWIRE_DATABASE_URL"] == "postgresql://another/installation"
    assert process.get("/readyz") == (0, "")
