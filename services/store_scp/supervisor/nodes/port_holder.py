"""The process that listens on a port, found in /proc (proc(5)). As root, processes of other users are found too."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LISTEN = "0A"
_TABLES = ("net/tcp", "net/tcp6")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens on a port."""

    pid: int
    group: int
    """Its process group: that of a node has the number of the node's process."""
    command: str


def who_listens(port: int, *, proc: Path = Path("/proc")) -> Holder | None:
    """Return the process that listens on a TCP port; None where that cannot be known, in another container say."""
    inodes = {f"socket:[{inode}]" for table in _TABLES for inode in _listening(proc / table, port)}
    if not inodes:
        return None
    for entry in proc.iterdir():
        if entry.name.isdigit() and _has_one_of(entry, inodes):
            try:
                pid = int(entry.name)
                return Holder(pid, os.getpgid(pid), (entry / "comm").read_text(errors="replace").strip())
            except OSError:
                continue  # it has just ended
    return None


def _listening(table: Path, port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on a port."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _has_one_of(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(descriptor.readlink()) in inodes for descriptor in (process / "fd").iterdir())
    except OSError:
        return False
