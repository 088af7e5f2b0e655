"""The demonstration as a person starts it, from the servers to the table."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.stack.ports import free_port
from tools.stack.processes import CHECKOUT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


def demo(folder: Path, *arguments: str, **given: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOSEWIRE_")}
    return subprocess.Popen(
        # Ports of its own: another test's demonstration may be about to take the usual ones.
        [sys.executable, "-m", "tools.demo.demo", "--dicom-port", str(free_port()), *arguments],
        cwd=CHECKOUT,
        env=environment | {"DOSEWIRE_DATA_DIR": str(folder), "DOSEWIRE_HTTP_PORT": str(free_port())} | given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_of(folder: Path) -> list[str]:
    """The command lines that name the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def test_once_ends_with_the_table_and_leaves_nothing(server_folder: Path) -> None:
    process = demo(server_folder, "--once")
    output, _ = process.communicate(timeout=280)
    assert process.returncode == 0, output
    for station, study in {
        "CT01": "CT Thorax/Abdomen",
        "CT02": "Polytrauma",
        "XA01": "Coronary angiography",
        "XA02": "Cerebral aneurysm",
        "DX01": "Chest PA and lateral",
    }.items():
        assert [line for line in output.splitlines() if station in line and study in line], output
    assert "The page: http://127.0.0.1:" in output
    assert list(server_folder.iterdir()) == []
    assert processes_of(server_folder) == []


def test_given_servers_are_used_and_none_started(server_folder: Path, database_url: str, amqp_url: str) -> None:
    # "postgresql:" without a driver is what people write.
    plain = database_url.replace("postgresql+psycopg2:", "postgresql:")
    for _ in range(2):
        process = demo(server_folder, "--once", DOSEWIRE_DATABASE_URL=plain, DOSEWIRE_AMQP_URL=amqp_url)
        output, _ = process.communicate(timeout=140)
        assert process.returncode == 0, output
        assert "Starting a private" not in output
        assert "Cerebral aneurysm" in output


def test_sigterm_in_the_middle_leaves_nothing(server_folder: Path) -> None:
    process = demo(server_folder)
    deadline = time.monotonic() + 120
    while not [line for line in processes_of(server_folder) if "beam" in line]:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert list(server_folder.iterdir()) == []
    assert processes_of(server_folder) == []
