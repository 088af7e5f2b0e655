"""A value made of files that is made anew when the files change, so that certificates are renewed without a restart."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from shared.logging import get_logger
from shared.tls.files import TlsError

LOOK_EVERY_SECONDS = 1.0
RETRY_EVERY_SECONDS = 30.0
"""How often files that could not be used are tried again though they look the same."""

T = TypeVar("T")

log = get_logger(__name__)


class Renewed(Generic[T]):
    """Something made of files, made anew when they change. Safe to be used by several threads.

    Files that are replaced by broken ones, or of which only one has been replaced yet, leave everything as it was.

    Args:
        paths: the files.
        make: makes it of them; raises `TlsError`.
        clock: monotonic, in seconds.
    """

    def __init__(
        self, *, paths: Sequence[Path], make: Callable[[], T], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._paths = tuple(paths)
        self._make = make
        self._clock = clock
        self._lock = threading.Lock()
        self._look_at = self._retry_at = float("-inf")
        self._seen: object = None
        self._made: T | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the files as they are cannot be used, None: they can; as of the last call of `current`."""
        return self._problem

    def current(self) -> T:
        """Return it as the files are now, or as they last could be used.

        Raises:
            TlsError: they never could be used.
        """
        with self._lock:
            if self._clock() >= self._look_at:
                self._look_at = self._clock() + LOOK_EVERY_SECONDS
                self._look()
            if self._made is None:
                raise TlsError(self._problem or "TLS is not set up")
            return self._made

    def _look(self) -> None:
        seen = [_look_of(path) for path in self._paths]
        if seen == self._seen and not (self._problem and self._clock() >= self._retry_at):
            return
        self._seen, self._retry_at = seen, self._clock() + RETRY_EVERY_SECONDS
        before = self._problem
        try:
            made = self._make()
        except TlsError as error:
            self._problem = str(error)
            if self._problem != before:
                log.error("TLS files cannot be used", reason=self._problem, old_ones_in_use=self._made is not None)
            return
        self._problem = None
        if self._made is not None:
            log.info("TLS files loaded anew", files=[path.name for path in self._paths])
        self._made = made


def _look_of(path: Path) -> tuple[int, ...] | None:
    """Return file attributes that change when a file is replaced or written; None where it cannot be read."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
