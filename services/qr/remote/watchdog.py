"""A watchdog on one association: it ends in time, whatever the peer does.

pynetdicom's own time-outs do not suffice: its reader blocks for ever in the middle of a PDU that does not go on, and
a peer that sends Pending for ever never times out. So a thread watches the clock, and shuts the socket down; that
wakes every thread of the association.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from types import TracebackType

from shared.association.connection import shut_down
from shared.logging import get_logger

TICK = 0.25
LOOK_FOR_CANCEL = 1.0
CANCEL_GRACE = 5.0
A_ABORT_PDU = bytes((7, 0, 0, 0, 0, 4, 0, 0, 0, 0))  # PS3.8 section 9.3.8; source: service user

log = get_logger(__name__)


class EndedBy(Enum):
    """The reason for which the watchdog ended an association."""

    TOTAL = auto()
    IDLE = auto()
    CANCEL = auto()
    STOP = auto()


class Watchdog:
    """Ends an association that takes too long, is silent, or is not wanted any more. A context manager.

    Args:
        total_seconds: for everything from `__enter__` to `__exit__`.
        idle_seconds: from one `touch` to the next.
        cancelled: asked every second whether the job has been cancelled; runs in the watchdog's thread.
        stop: set when this process shall end.
        farewell: what the peer is sent before its socket is shut down.
    """

    def __init__(
        self,
        *,
        total_seconds: float,
        idle_seconds: float,
        cancelled: Callable[[], bool],
        stop: threading.Event,
        farewell: bytes = A_ABORT_PDU,
    ) -> None:
        self._total_seconds = total_seconds
        self._idle_seconds = idle_seconds
        self._cancelled = cancelled
        self._stop = stop
        self._farewell = farewell
        self._deadline = self._idle_deadline = self._next_look = 0.0
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self.on_cancel: Callable[[], None] | None = None
        """Asks the peer politely to stop (C-CANCEL); it has some seconds for its answer."""
        self.ended_by: EndedBy | None = None
        self._has_shut_down = False

    def guard(self, sock: socket.socket) -> None:
        """Name the socket that is to be shut down."""
        self._socket = sock
        if self.ended_by is not None:
            self._shut_down(sock)

    def touch(self) -> None:
        """Note that the peer has answered."""
        self._idle_deadline = time.monotonic() + self._idle_seconds

    def rest(self) -> None:
        """Pause the idle time: until the next `touch` the peer's silence does not count."""
        self._idle_deadline = math.inf

    @property
    def has_shut_down(self) -> bool:
        """True if the connection has been ended, not only asked to end."""
        return self._has_shut_down

    def __enter__(self) -> "Watchdog":
        self._deadline = time.monotonic() + self._total_seconds
        self.touch()
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(TICK):
            reason = self._reason()
            if reason is not None:
                self._end(reason)
                # A connection that is just being opened is ended in `guard`.
                return

    def _reason(self) -> EndedBy | None:
        moment = time.monotonic()
        if self._stop.is_set():
            return EndedBy.STOP
        if moment >= self._deadline:
            return self.ended_by or EndedBy.TOTAL
        if moment >= self._idle_deadline:
            return self.ended_by or EndedBy.IDLE
        if self.ended_by is None and moment >= self._next_look:
            self._next_look = moment + LOOK_FOR_CANCEL
            if self._cancelled():
                return self._cancel(moment)
        return None

    def _cancel(self, moment: float) -> EndedBy | None:
        """Ask politely where that is possible, and set a short deadline for the answer."""
        self.ended_by = EndedBy.CANCEL
        if self.on_cancel is None:
            return EndedBy.CANCEL
        self._deadline = min(self._deadline, moment + CANCEL_GRACE)
        self.on_cancel()
        return None

    def _end(self, reason: EndedBy) -> None:
        self.ended_by, self._has_shut_down = reason, True
        log.info("association ended by us", reason=reason.name.lower())
        if self._socket is not None:
            self._shut_down(self._socket)

    def _shut_down(self, sock: socket.socket) -> None:
        # Within TLS two threads must not send at the same time.
        if self._farewell and not isinstance(sock, ssl.SSLSocket):
            # The socket itself may have a time-out, for which it would wait until there is room.
            with suppress(OSError), sock.dup() as twin:  # its buffer is full, or it is closed
                twin.settimeout(0)
                twin.send(self._farewell)
        shut_down(sock)
