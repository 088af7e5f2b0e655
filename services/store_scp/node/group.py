"""The processes of a node: the leader, which its supervisor knows, and its followers.

All accept connections from the same listening socket, so that a node can use more than one processor. The leader
starts the followers, and starts them again when they die; they end when the leader does, which closes their standard
input.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from shared.logging import get_logger

_PAUSE_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """A process in its group: its number, from 0, and what all of them share."""

    process: int
    listening: socket.socket
    census: int
    """The descriptor of the table of open associations."""

    def arguments(self, process: int) -> list[str]:
        """Return the command line arguments by which process number `process` shares the same."""
        return [str(process), str(self.listening.fileno()), str(self.census)]

    @classmethod
    def inherited(cls, arguments: list[str]) -> "GroupMember":
        """Return what a follower was given on its command line."""
        process, listening, census = map(int, arguments)
        return cls(process=process, listening=socket.socket(fileno=listening), census=census)


class Followers:
    """The other processes of a group, as their leader sees them.

    Args:
        count: how many.
        member: the leader's.
        definition: of the node, as JSON.
        ended: told the number of a process that has died.
    """

    def __init__(self, *, count: int, member: GroupMember, definition: str, ended: Callable[[int], None]) -> None:
        self._member = member
        self._definition = definition
        self._ended = ended
        self._stopping = threading.Event()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._keepers = [
            threading.Thread(target=self._keep, args=(process,), name=f"follower {process}", daemon=True)
            for process in range(1, count + 1)
        ]

    def start(self) -> None:
        """Start them all, and keep them running."""
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        """Ask them to finish objects in progress and to end; returns at once."""
        self._stopping.set()
        with self._lock:
            for process in self._processes.values():
                if process.stdin is not None:
                    process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Wait until they have ended; those that do not are killed."""
        for keeper in self._keepers:
            keeper.join(seconds)
        with self._lock:
            for process in self._processes.values():
                process.kill()

    def _keep(self, number: int) -> None:
        command = [sys.executable, "-m", "services.store_scp.node", self._definition, *self._member.arguments(number)]
        while not self._stopping.is_set():
            with self._lock:
                if self._stopping.is_set():
                    return
                process = subprocess.Popen(  # noqa: S603 (our own module, its arguments are no shell's)
                    command, stdin=subprocess.PIPE, pass_fds=(self._member.listening.fileno(), self._member.census)
                )
                self._processes[number] = process
            status = process.wait()
            self._ended(number)
            if not self._stopping.is_set():
                log.error("a process of the node has ended and is started again", process=number, status=status)
                self._stopping.wait(_PAUSE_SECONDS)
