"""The state of the spool: numbers of files, and free disk space."""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.spool.folders import Spool
from shared.spool.incoming import SUFFIX

OVERDUE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class SpoolState:
    """The numbers of files in the folders of the spool that should become empty, and the free space of its disk."""

    incoming: int
    quarantine: int
    commitment_requests: int
    """Storage commitment requests that wait for their report."""
    overdue_commitment_requests: int
    """The requests that have waited for more than an hour."""
    free_bytes: int


def look_at_spool(data_dir: Path) -> SpoolState | None:
    """Count the files; None where this service does not see the spool."""
    spool = Spool(root=data_dir)
    try:
        ages = _ages_of_requests(spool.commitment)
        return SpoolState(
            incoming=_count(spool.incoming),
            quarantine=_count(spool.quarantined),
            commitment_requests=len(ages),
            overdue_commitment_requests=sum(age > OVERDUE_SECONDS for age in ages),
            free_bytes=shutil.disk_usage(data_dir).free,
        )
    except OSError:
        return None


def _ages_of_requests(folder: Path) -> list[float]:
    """Return the seconds that each request has waited; the folder is made for the first one."""
    ages = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".json"):
                with suppress(FileNotFoundError):  # it was reported while we looked
                    ages.append(time.time() - entry.stat().st_mtime)
    return ages


def _count(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.name.endswith(SUFFIX) for entry in entries)
