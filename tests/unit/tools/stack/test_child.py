"""Child processes that end, that ignore signals, and whose parent dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.stack.child import Child
from tools.stack.errors import StackError
from tools.stack.processes import CHECKOUT


def child(tmp_path: Path, *command: str) -> Child:
    return Child(name="test", command=command, environment=dict(os.environ), log_file=tmp_path / "logs" / "test.log")


@pytest.fixture
def grandchild_file(tmp_path: Path) -> Iterator[Path]:
    """Where a script writes the id of a process it started; ended after the test if it still runs."""
    file = tmp_path / "pid"
    yield file
    if file.exists() and alive(int(file.read_text())):
        os.kill(int(file.read_text()), signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_for(condition: object, *, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_goes_to_the_log_and_the_end_is_reported(tmp_path: Path) -> None:
    process = child(tmp_path, "sh", "-c", "echo out; echo err >&2; exit 7")
    process.start()
    wait_for(lambda: not process.running)
    assert process.exit_status == 7
    with pytest.raises(StackError, match=r"(?s)test ended \(status 7\).*out\nerr"):
        process.check()


def test_stop_asks_first(tmp_path: Path) -> None:
    process = child(tmp_path, "sh", "-c", "trap 'echo goodbye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    process.start()
    wait_for(lambda: "up" in process.tail())
    process.check()
    process.stop()
    assert process.exit_status == 0
    assert process.tail().endswith("goodbye")


def test_stop_kills_who_does_not_listen(tmp_path: Path) -> None:
    process = child(tmp_path, "sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done")
    process.start()
    wait_for(lambda: "up" in process.tail())
    process.stop(timeout_s=0.3)
    assert process.exit_status == -signal.SIGKILL


def test_kill_reaches_descendants_that_left_the_process_group(tmp_path: Path, grandchild_file: Path) -> None:
    process = child(tmp_path, "sh", "-c", f"setsid sh -c 'echo $$ > {grandchild_file}; exec sleep 60' & wait")
    process.start()
    wait_for(lambda: grandchild_file.exists() and grandchild_file.read_text().strip())
    grandchild = int(grandchild_file.read_text())
    assert alive(grandchild)
    process.kill()
    assert not alive(grandchild)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ends_with_its_parent(tmp_path: Path, grandchild_file: Path, number: signal.Signals) -> None:
    script = f"""if True:
        import os, time
        from pathlib import Path
        from tools.stack.child import Child
        child = Child(name="c", command=["sleep", "60"], environment=os.environ, log_file=Path("{tmp_path}/log"))
        child.start()
        Path({str(grandchild_file)!r}).write_text(str(child.pid))
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT)
    try:
        wait_for(lambda: grandchild_file.exists() and grandchild_file.read_text())
        pid = int(grandchild_file.read_text())
        # setpriv has set the signal once it has become the command
        wait_for(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
    finally:
        parent.send_signal(number)
        parent.wait()
    wait_for(lambda: not alive(pid))


def test_what_was_never_started_can_be_stopped_and_killed(tmp_path: Path) -> None:
    process = child(tmp_path, "true")
    process.stop()
    process.kill()
    assert (process.running, process.pid, process.exit_status, process.tail()) == (False, None, None, "")
