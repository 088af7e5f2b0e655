"""Memory, threads, descriptors and CPU time of processes, as the kernel counts them."""

import os
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = resource.getpagesize()
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The use of the machine by a group of processes."""

    resident_bytes: int
    """Memory; shared memory counts for each process."""
    anonymous_bytes: int
    """Memory that holds no file: it grows when something leaks."""
    threads: int
    descriptors: int
    cpu_seconds: float
    """CPU seconds since the start of the processes."""

    @classmethod
    def of(cls, pids: Sequence[int]) -> "Use":
        """Look at processes now; those that have ended count nothing."""
        return cls(
            resident_bytes=_sum(pids, lambda pid: int(_statm(pid)[1]) * _PAGE_BYTES),
            anonymous_bytes=_sum(pids, lambda pid: (int(_statm(pid)[1]) - int(_statm(pid)[2])) * _PAGE_BYTES),
            threads=_sum(pids, lambda pid: _entries(pid, "task")),
            descriptors=_sum(pids, lambda pid: _entries(pid, "fd")),
            cpu_seconds=_sum(pids, _cpu_ticks) / _TICKS_PER_SECOND,
        )


def group_of(leader: int) -> list[int]:
    """Return the ids of a process and of those it has started, its own first."""
    found = [leader]
    for thread in Path(f"/proc/{leader}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has just ended
            found += map(int, (thread / "children").read_text().split())
    return found


def peak_resident_bytes(pids: Sequence[int]) -> int:
    """Return the sum of the most memory that each process has had."""
    return _sum(pids, lambda pid: _status_kib(pid, "VmHWM:") * 1024)


def forget_peaks(pids: Sequence[int]) -> None:
    """Let `peak_resident_bytes` begin anew."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def _sum(pids: Sequence[int], look: Callable[[int], int]) -> int:
    total = 0
    for pid in pids:
        try:
            total += look(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def _entries(pid: int, name: str) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/{name}").iterdir())


def _statm(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/statm").read_text().split()


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _status_kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
