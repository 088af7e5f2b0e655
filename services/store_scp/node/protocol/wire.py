"""The receive buffer of a connection: the bytes that have been read and not been used yet."""

import mmap
import time
from collections.abc import Callable, Iterator

from services.store_scp.node.protocol.transport import Silent, Transport

_SMALL = 4 * 1024
"""The size of the first buffer, and of the one after a silence: enough for most association requests."""
_LARGE = 256 * 1024
_SPARE_BUFFERS = 8

_spare: list[memoryview] = []
"""Unused large buffers of the process, kept because a new one costs more."""


class Ended(ConnectionError):
    """The peer has closed the connection."""


class Wire:
    """Reads a connection in large pieces. Its memory is given back while the peer is silent.

    Args:
        transport: the connection.
        before_reuse: called before bytes that were handed out as views are overwritten.
    """

    def __init__(self, *, transport: Transport, before_reuse: Callable[[], None]) -> None:
        self._transport = transport
        self._before_reuse = before_reuse
        self._view = memoryview(b"")
        self._start = self._end = 0
        self.patience = 60.0
        """Seconds that the peer may be silent."""
        self.deadline: float | None = None
        """The deadline for the read in progress, on the monotonic clock."""

    @property
    def is_empty(self) -> bool:
        """Whether all bytes that were read have been used."""
        return self._start == self._end

    def need(self, count: int) -> int:
        """Wait until `count` bytes are there, at most 64 kB; returns where they start in `view`.

        Raises:
            Ended: the peer closed the connection first.
            Silent: the peer was silent for too long.
            OSError: the connection failed.
        """
        while self._end - self._start < count:
            self._fill(count)
        return self._start

    @property
    def view(self) -> memoryview:
        """The bytes that are there, up to the next call of `need` or `pieces`."""
        return self._view

    def use(self, count: int) -> None:
        """Go past `count` bytes that are there."""
        self._start += count

    def take(self, count: int) -> bytes:
        """Read `count` bytes."""
        return b"".join(map(bytes, self.pieces(count)))

    def pieces(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes as views, which are good until `before_reuse` is called."""
        while count:
            if self._start == self._end:
                self._fill(1)
            start = self._start
            self._start = min(self._end, start + count)
            count -= self._start - start
            yield self._view[start : self._start]

    def release(self) -> None:
        """Give the buffer back; what is in it has been used, or is not wanted."""
        self._start = self._end = 0
        view, self._view = self._view, memoryview(b"")
        if len(view) == _LARGE and len(_spare) < _SPARE_BUFFERS:
            _spare.append(view)

    def close(self) -> None:
        """Give the buffer back, and forget `before_reuse`.

        The association and its wire refer to each other. Without this, only the garbage collector would free them, and
        associations that were long idle would take memory for hours.
        """
        self.release()
        self._before_reuse = _do_nothing

    def _fill(self, count: int) -> None:
        self._before_reuse()
        if self._start + count > len(self._view) or self._end == len(self._view):
            self._make_room()
        elif self._start == self._end:
            self._start = self._end = 0
        left = self._time_left()
        try:
            received = self._transport.receive_now(self._view[self._end :])
        except BlockingIOError:
            if self.is_empty:
                self.release()
            self._transport.wait(left)
            return
        if not received:
            raise Ended("the peer closed the connection")
        self._end += received

    def _make_room(self) -> None:
        """Take a buffer: a small one to begin with, then a large one; what is left moves to its start."""
        rest = bytes(self._view[self._start : self._end])
        if not self._view:
            self._view = memoryview(bytearray(_SMALL))
        elif len(self._view) == _SMALL:
            # Mapped, because the memory of a freed one then goes back to the system in any case.
            self._view = _spare.pop() if _spare else memoryview(mmap.mmap(-1, _LARGE))
        self._view[: len(rest)] = rest
        self._start, self._end = 0, len(rest)

    def _time_left(self) -> float:
        if self.deadline is None:
            return self.patience
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Silent("the request did not come in time")
        return left


def _do_nothing() -> None:
    pass
