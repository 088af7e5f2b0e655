"""How much lies in the spool, and how much room there is."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from shared.incoming import SUFFIX
from shared.spool import Spool


@dataclass(frozen=True, slots=True)
class SpoolState:
    """The objects in the folders of the spool that should be empty in the end, and the free space of its disk."""

    incoming: int
    quarantine: int
    free_bytes: int


def look_at_spool(data_dir: Path) -> SpoolState | None:
    """Count the objects; None where this service does not see the spool."""
    spool = Spool(root=data_dir)
    try:
        return SpoolState(
            incoming=_count(spool.incoming),
            quarantine=_count(spool.quarantined),
            free_bytes=shutil.disk_usage(data_dir).free,
        )
    except OSError:
        return None


def _count(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.name.endswith(SUFFIX) for entry in entries)
