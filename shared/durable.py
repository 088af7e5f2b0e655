"""Files and folders that outlive a power cut: the durable write of a small file, and durable names in a folder."""

import os
from contextlib import suppress
from pathlib import Path


def fsync_directory(directory: Path) -> None:
    """Make the names in a directory durable (a rename alone is not, after a power cut).

    Raises:
        OSError: the directory cannot be synced.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(directory: Path) -> None:
    """Create a directory and those above it, each durable in its own; nothing happens where it is there.

    Raises:
        OSError: it cannot be created.
    """
    if not directory.exists():
        make_directory(directory.parent)
        directory.mkdir(exist_ok=True)
        fsync_directory(directory.parent)


def write_durably(path: Path, content: bytes, *, partial: Path) -> None:
    """Create or replace a file; a reader finds the old or the new content, also after a power cut.

    Args:
        path: the file, in an existing directory.
        content: all of it.
        partial: the name that the file has until it is whole, in the same directory; no other writer may use it at
            the same time. It stays where the process is killed meanwhile.

    Raises:
        OSError: it could not be written or made durable. The old content stays, unless only the last step failed.
    """
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        fsync_directory(path.parent)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
