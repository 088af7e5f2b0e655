"""`dosewire store`: a node by itself."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.store_scp.commands import store
from shared.spool.folders import Spool
from tests.helpers.dcmtk import dcmtk
from tools.dose_objects import ct_report, write
from tools.measure.store_node import data_set_bytes, wait_until
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

DOSEWIRE = str(Path(sys.executable).with_name("dosewire"))


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DOSEWIRE_")}
    process = subprocess.Popen(
        [DOSEWIRE, "store", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def test_a_scanner_can_be_commissioned_without_database_and_broker(tmp_path: Path, free_port: int) -> None:
    spool = Spool(root=tmp_path / "spool")
    report = write(ct_report(), tmp_path / "report.dcm")
    with running("--ae-title", "TRY", "--port", free_port, "--spool", spool.root) as process:
        wait_until(lambda: listens(free_port), what="the node")
        dcmtk("echoscu", "-aec", "TRY", LOOPBACK, free_port)
        dcmtk("storescu", "-aec", "TRY", LOOPBACK, free_port, report)
        assert dcmtk("echoscu", "-aec", "OTHER", LOOPBACK, free_port, check=False).returncode
        (trace_id,) = spool.pending()
        found = spool.find(trace_id)
        assert found is not None
        assert data_set_bytes(found) == data_set_bytes(report)
        process.send_signal(signal.SIGTERM)
        out, log = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out == ""
    assert "listening" in log
    assert not listens(free_port)


def test_only_the_callers_that_are_named_may_call(tmp_path: Path, free_port: int) -> None:
    arguments = ("--ae-title", "TRY", "--port", free_port, "--spool", tmp_path, "--calling-ae-title", "CT1")
    with running(*arguments):
        wait_until(lambda: listens(free_port), what="the node")
        dcmtk("echoscu", "-aec", "TRY", "-aet", "CT1", LOOPBACK, free_port)
        assert dcmtk("echoscu", "-aec", "TRY", "-aet", "CT2", LOOPBACK, free_port, check=False).returncode


def test_a_port_that_is_taken_is_named(tmp_path: Path, free_port: int) -> None:
    with (
        socket.create_server((LOOPBACK, free_port)),
        running("--ae-title", "TRY", "--port", free_port, "--spool", tmp_path) as process,
    ):
        _, log = process.communicate(timeout=15)
    assert process.returncode == 1
    assert f"port {free_port} is in use" in log


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ae-title", "TOO_ODD"], "letters A-Z and digits only"),
        (["--ae-title", "A" * 17], "1 to 16 characters"),
        (["--ae-title", "TRY", "--bind", "0.0.0.0"], "--calling-ae-title, or use --any-caller"),
        (["--ae-title", "TRY", "--bind", "example"], "--calling-ae-title, or use --any-caller"),
    ],
    ids=["odd title", "long title", "open to all", "open by name"],
)
def test_wrong_arguments_say_what_to_do(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(store, [*arguments, "--port", "11112", "--spool", str(tmp_path)])
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
