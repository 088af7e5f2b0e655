"""A child process that never outlives its parent."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.stack.errors import StackError

TAIL_LINES = 25


class Child:
    """A program in a session of its own, its output in a log file.

    The session of its own keeps the terminal's Ctrl-C away from it: the parent stops its children in the
    right order. The kernel sends `death_signal` when the parent dies without doing so. That is set by
    util-linux' setpriv, which also changes the user: a change of user clears it, so it must come after.
    The thread that calls `start` must live as long as the child shall: the kernel watches the thread.
    """

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        log_file: Path,
        working_folder: Path | None = None,
        privileges: Sequence[str] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log_file = log_file
        self._command = [str(part) for part in command]
        self._environment = dict(environment)
        self._working_folder = working_folder
        self._privileges = list(privileges)
        self._stop_signal = stop_signal
        self._death_signal = death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """How it ended: as `subprocess` says, negative for a signal; None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Starts it; its output is appended to the log file."""
        if self.running:
            return
        if shutil.which("setpriv") is None:
            raise StackError("setpriv is missing: install the package util-linux")
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        guard = ["setpriv", "--pdeathsig", self._death_signal.name.removeprefix("SIG"), *self._privileges, "--"]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                guard + self._command,
                env=self._environment,
                cwd=self._working_folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, *, timeout_s: float = 30) -> None:
        """Asks it to end, and kills it with all it started when it has not after `timeout_s` seconds."""
        if self._process is None:
            return
        if self.running:
            self.signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """Ends it and every process it started, at once (SIGKILL)."""
        if self._process is None:
            return
        family = _descendants(self._process.pid) if self.running else []
        for pid in [self._process.pid, *family]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # What it left in its process group, when it had already ended by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        _await_end(family)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the program itself, not to what it started."""
        if self._process is not None:
            self._process.send_signal(number)

    def tail(self, *, lines: int = TAIL_LINES) -> str:
        """The end of its log."""
        try:
            text = self.log_file.read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def check(self) -> None:
        """Raises StackError with the end of the log when it has ended."""
        if not self.running:
            raise StackError(
                f"{self.name} ended (status {self.exit_status}); the end of {self.log_file}:\n{self.tail()}"
            )


def _descendants(ancestor: int) -> list[int]:
    """Children, grandchildren and so on, from /proc; some leave the process group (PostgreSQL's do)."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # pid (name) state ppid: a name may contain blanks and parentheses
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(folder.name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def _await_end(pids: list[int], *, timeout_s: float = 5) -> None:
    """Waits until these processes are gone or only wait to be reaped by their new parent."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and any(_alive(pid) for pid in pids):
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
