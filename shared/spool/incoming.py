"""The folder `incoming/` as receivers use it: an object is written, fsynced, named, and the folder fsynced.

Where the file system allows it, a file has no name until it is whole (`O_TMPFILE`): a receiver that is killed leaves
nothing behind. Elsewhere it has a partial name, and a sweep removes it.
"""

import errno
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from shared.spool.trace import new_trace_id

SUFFIX = ".dcm"
PARTIAL_SUFFIX = ".part"

_MODE = 0o666
"""The mode of new files, before the umask."""
_MAX_BUFFERS = 1024
"""`IOV_MAX` of Linux."""

_WRITE_BACK_BYTES = 4 * 1024 * 1024
_REMEMBERED_FAILURES = 1000
"""The number of failed folder syncs that are remembered, for threads that wait for one of them."""

Bytes = bytes | bytearray | memoryview


class Incoming:
    """The folder `incoming/` as receivers use it. Safe to be used by several threads at the same time.

    Args:
        folder: an existing folder.
        unnamed: whether to create files without a name; None: where the file system can.

    Raises:
        OSError: the folder cannot be opened.
    """

    def __init__(self, *, folder: Path, unnamed: bool | None = None) -> None:
        self._folder = folder
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._identity = _identity(os.fstat(self._descriptor))
        self._names = _GroupedSync(descriptor=self._descriptor)
        self._unnamed = self._can_do_without_names() if unnamed is None else unnamed

    def create(self) -> "IncomingFile":
        """Create an empty file, which stays only if it is committed.

        Raises:
            OSError: it cannot be created.
        """
        if self._unnamed:
            descriptor = os.open(self._folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, _MODE)
            return IncomingFile(incoming=self, descriptor=descriptor, partial=None)
        partial = f"{new_trace_id()}{PARTIAL_SUFFIX}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        descriptor = os.open(partial, flags, _MODE, dir_fd=self._descriptor)
        return IncomingFile(incoming=self, descriptor=descriptor, partial=partial)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._descriptor)

    def name(self, file: "IncomingFile", trace_id: str) -> None:
        """Give a file its final name, durably. Its content is durable already."""
        final = f"{trace_id}{SUFFIX}"
        if _identity(os.stat(self._folder)) != self._identity:  # noqa: PTH116 (a Path costs more than the call)
            raise OSError(errno.ESTALE, "the spool's folder has been moved away or replaced; restart the service")
        if file.partial is None:
            # linkat(2) with AT_SYMLINK_FOLLOW is the way to name a file of O_TMPFILE without privileges.
            os.link(f"/proc/self/fd/{file.descriptor}", final, dst_dir_fd=self._descriptor, follow_symlinks=True)
        else:
            os.rename(file.partial, final, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        try:
            self._names.sync()
        except OSError:
            self.remove(final)  # it was not answered with Success, so the sender may send it again
            raise

    def remove(self, name: str) -> None:
        """Remove a file of the folder; nothing happens where it is gone."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._descriptor)

    def _can_do_without_names(self) -> bool:
        try:
            descriptor = os.open(self._folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, _MODE)
        except OSError:
            return False
        os.close(descriptor)
        return Path("/proc/self/fd").is_dir()


class IncomingFile:
    """One object on its way into `incoming/`: `write` its bytes, then `commit`; `discard` it otherwise."""

    __slots__ = ("_incoming", "_on_its_way", "_written", "descriptor", "partial")

    def __init__(self, *, incoming: Incoming, descriptor: int, partial: str | None) -> None:
        self._incoming = incoming
        self._written = self._on_its_way = 0
        self.descriptor = descriptor
        self.partial = partial

    @property
    def usable(self) -> bool:
        """True if the file still exists: a partial file that was created in advance may have been removed."""
        return self.partial is None or os.fstat(self.descriptor).st_nlink > 0

    def write(self, buffers: Sequence[Bytes]) -> None:
        """Append all bytes of `buffers`.

        Raises:
            OSError: they could not all be written.
        """
        pending = list(buffers)
        while pending:
            written = os.writev(self.descriptor, pending[:_MAX_BUFFERS])
            self._written += written
            while pending and written >= len(pending[0]):
                written -= len(pending.pop(0))
            if written:
                pending[0] = memoryview(pending[0])[written:]
        if self._written - self._on_its_way >= _WRITE_BACK_BYTES:
            self._write_back()

    def _write_back(self) -> None:
        """Let the system begin to write the bytes so far, so that `commit` waits less."""
        length = self._written - self._on_its_way
        os.posix_fadvise(self.descriptor, self._on_its_way, length, os.POSIX_FADV_DONTNEED)
        self._on_its_way = self._written

    def commit(self, trace_id: str) -> None:
        """Make the object durable as `<trace_id>.dcm`. The file is closed then, and discarded where that failed.

        Raises:
            OSError: it could not be made durable.
        """
        try:
            os.fsync(self.descriptor)
            self._incoming.name(self, trace_id)
        except OSError:
            self.discard()
            raise
        os.close(self.descriptor)
        self.descriptor = -1

    def discard(self) -> None:
        """Close and remove the file; nothing happens after `commit`."""
        if self.descriptor < 0:
            return
        os.close(self.descriptor)
        self.descriptor = -1
        if self.partial is not None:
            self._incoming.remove(self.partial)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class _GroupedSync:
    """Makes the names in a folder durable. Threads that come while a sync runs share the next one."""

    def __init__(self, *, descriptor: int) -> None:
        self._descriptor = descriptor
        self._turn = threading.Condition(threading.Lock())
        self._begun = self._ended = 0
        self._failed: dict[int, OSError] = {}

    def sync(self) -> None:
        """Return when all names that were given before the call are durable.

        Raises:
            OSError: the folder could not be synced.
        """
        with self._turn:
            mine = self._begun + 1  # one that has begun already may have missed our name
            while self._ended < mine:
                if self._begun == self._ended:
                    self._run()
                else:
                    self._turn.wait()
            error = self._failed.get(mine)
        if error is not None:
            raise OSError(error.errno or errno.EIO, error.strerror)

    def _run(self) -> None:
        self._begun += 1
        self._turn.release()
        error = None
        try:
            os.fsync(self._descriptor)
        except OSError as raised:
            error = raised
        finally:
            self._turn.acquire()
            self._ended = self._begun
            if error is not None:
                self._failed[self._ended] = error
                self._failed.pop(self._ended - _REMEMBERED_FAILURES, None)
            self._turn.notify_all()
