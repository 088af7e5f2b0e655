"""How much lies in the spool, and how much room there is."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from shared.incoming import SUFFIX
from shared.spool import Spool


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What lies in the folders of the spool that should be empty in the end, and the free space of its disk."""

    incoming: int
    quarantine: int
    commitment_requests: int
    free_bytes: int


def look_at_spool(data_dir: Path) -> SpoolState | None:
    """Count the files; None where this service does not see the spool."""
    spool = Spool(root=data_dir)
    try:
        return SpoolState(
            incoming=_count(spool.incoming, SUFFIX),
            quarantine=_count(spool.quarantined, SUFFIX),
            commitment_requests=_count(spool.commitment, ".json") if spool.commitment.is_dir() else 0,
            free_bytes=shutil.disk_usage(data_dir).free,
        )
    except OSError:
        return None


def _count(folder: Path, suffix: str) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.name.endswith(suffix) for entry in entries)
