"""The watermark of the spool's disk: reception stops while less than that is free.

Nothing is ever deleted to make room, so reception has to stop before the disk is full: what has been received must
still be imported, which takes space as well (PostgreSQL often shares the disk).
"""

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LOOK_EVERY_SECONDS = 0.5
RESUME_AT = 1.1
"""Reception resumes when this many times the watermark is free, so that it does not start and stop all the time."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(%|[KMGT]i?B|B)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1} | {
    name: base**power
    for power, letter in enumerate("kmgt", start=1)
    for name, base in ((f"{letter}ib", 1024), (f"{letter}b", 1000))
}


@dataclass(frozen=True, slots=True)
class LeastFree:
    """The part of a disk that must stay free: bytes, or a share of the whole."""

    size_bytes: int = 0
    part: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1GiB`, `500 MB`, `1073741824` or `5%`; 0 lets the disk run full.

        Raises:
            ValueError: with the reason in words.
        """
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            raise ValueError("must be a size such as 1GiB or 500MB, or a part of the disk such as 5%")
        number, unit = float(match[1]), (match[2] or "").lower()
        if unit != "%":
            return cls(size_bytes=int(number * _UNITS[unit]))
        if number > 90:
            raise ValueError("must be at most 90%: of a smaller part nothing could be received")
        return cls(part=number / 100)

    def __str__(self) -> str:
        if self.part:
            return f"{100 * self.part:g}%"
        value, unit = _scaled(self.size_bytes)
        return f"{round(value, 1):g}{unit}"

    def of(self, total_bytes: int) -> int:
        """Return the bytes that must stay free on a disk of this size."""
        return self.size_bytes or int(total_bytes * self.part)


@dataclass(frozen=True, slots=True)
class Room:
    """The free space of a file system."""

    free_bytes: int
    total_bytes: int
    free_files: int | None
    """None: it does not count them."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Look at the file system of a folder.

        Raises:
            OSError: it cannot be looked at.
        """
        seen = os.statvfs(folder)
        return cls(
            seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize, seen.f_favail if seen.f_files else None
        )


def why_no_room(room: Room, least: LeastFree, *, stopped: bool) -> str | None:
    """Return the reason why nothing may be received, in words, or None.

    Args:
        room: what there is.
        least: what must stay free.
        stopped: whether reception is stopped already; it resumes only with more free space.
    """
    wanted = least.of(room.total_bytes)
    if stopped:
        wanted = int(wanted * RESUME_AT)
    if room.free_bytes < wanted:
        return f"the disk has {show_bytes(room.free_bytes)} left, and {show_bytes(wanted)} must stay free"
    if room.free_files == 0:
        return "the disk has room for no further file (no free inodes)"
    return None


def show_bytes(size: int) -> str:
    """Return a size for people, as in 1.5 GiB."""
    value, unit = _scaled(size)
    return f"{value:.1f} {unit}" if unit != "B" else f"{size} B"


def _scaled(size: int) -> tuple[float, str]:
    """Return a size in the largest unit of which it has at least one."""
    value, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return value, unit


class Watermark:
    """Looks at the disk of a folder at most every `LOOK_EVERY_SECONDS`. Safe to be asked by several threads.

    Args:
        folder: the spool's folder on the disk in question; it has to be there.
        least: what must stay free.
        look: the function that measures the free space.
        clock: monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        folder: Path,
        least: LeastFree,
        look: Callable[[Path], Room] = Room.of,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._least = least
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._look_at = float("-inf")
        self._reason: str | None = None
        self.room: Room | None = None
        """The last measurement; None where the disk could not be read."""

    def check(self) -> str | None:
        """Return in words why nothing may be received now, or None. Raises nothing."""
        if self._clock() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._reason = self._decide()
                self._look_at = self._clock() + LOOK_EVERY_SECONDS
            finally:
                self._lock.release()
        return self._reason

    def _decide(self) -> str | None:
        try:
            self.room = self._look(self._folder)
        except OSError as error:
            self.room = None
            return f"the disk of the spool cannot be looked at: {error.strerror or error}"
        return why_no_room(self.room, self._least, stopped=self._reason is not None)
