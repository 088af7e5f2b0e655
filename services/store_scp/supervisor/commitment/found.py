"""The receptions of the objects of a request, as the spool and the database know them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, Row, select

from services.store_scp.common.commitment_request import Reference
from services.store_scp.supervisor.commitment.decision import Fate, Received
from shared.database.engine import unavailable_when_away
from shared.database.models import ObjectState, ReceivedObject
from shared.dicom.uid import STRUCTURED_REPORTS
from shared.spool.file_meta import read_sop_uids
from shared.spool.folders import Spool
from shared.spool.incoming import SUFFIX
from shared.spool.trace import is_trace_id

_CHUNK = 1000
"""Objects of one query."""


class SpoolIndex:
    """The SOP UIDs of the objects in `incoming/` and `quarantine/`, read from their file meta information.

    The database may not have them yet, or ever. Files do not change, so each is read once.
    """

    def __init__(self, *, spool: Spool) -> None:
        self._folders = {spool.incoming: Fate.UNDECIDED, spool.quarantined: Fate.SAFE}
        self._known: dict[Path, dict[str, Reference | None]] = {folder: {} for folder in self._folders}

    def refresh(self) -> None:
        """Read the files that are there now.

        Raises:
            OSError: a folder cannot be read.
        """
        for folder, known in self._known.items():
            names = (name.removesuffix(SUFFIX) for name in os.listdir(folder))  # noqa: PTH208 (there may be 100,000)
            self._known[folder] = {
                name: known[name] if name in known else _identity(folder, name) for name in names if is_trace_id(name)
            }

    def forget(self) -> None:
        """Give the memory back until the next `refresh`."""
        self._known = {folder: {} for folder in self._folders}

    def received(self, references: Sequence[Reference]) -> dict[str, Received]:
        """Return the receptions of these objects by trace id, as of the last `refresh`."""
        wanted = {reference.sop_instance_uid for reference in references}
        return {
            trace_id: Received(identity.sop_class_uid, identity.sop_instance_uid, fate)
            for folder, fate in self._folders.items()
            for trace_id, identity in self._known[folder].items()
            if identity is not None and identity.sop_instance_uid in wanted
        }


class Records:
    """The rows of received objects, and where their files lie."""

    def __init__(self, *, engine: Engine, spool: Spool) -> None:
        self._engine = engine
        self._spool = spool

    def received(self, references: Sequence[Reference]) -> dict[str, Received]:
        """Return the receptions of these objects by trace id.

        Raises:
            Unavailable: the database is away.
        """
        found: dict[str, Received] = {}
        uids = iter(reference.sop_instance_uid for reference in references)
        while chunk := list(islice(uids, _CHUNK)):
            query = select(
                ReceivedObject.trace_id,
                ReceivedObject.state,
                ReceivedObject.sop_class_uid,
                ReceivedObject.sop_instance_uid,
            ).where(ReceivedObject.sop_instance_uid.in_(chunk))
            with unavailable_when_away(), self._engine.connect() as connection:
                rows = connection.execute(query).all()
            found |= self._receptions(rows)
        return found

    def _receptions(self, rows: Sequence[Row[str, ObjectState, str | None, str | None]]) -> dict[str, Received]:
        return {
            trace_id: Received(
                sop_class_uid or "", sop_instance_uid or "", self._fate(trace_id, state, sop_class_uid or "")
            )
            for trace_id, state, sop_class_uid, sop_instance_uid in rows
        }

    def _fate(self, trace_id: str, state: ObjectState, sop_class_uid: str) -> Fate:
        # Once a report is imported, the database has its content. Of an image it has the dose alone, and a device that
        # is told "committed" may delete the image.
        if state in (ObjectState.IMPORTED, ObjectState.DUPLICATE) and sop_class_uid.startswith(STRUCTURED_REPORTS):
            return Fate.SAFE
        path = self._spool.find(trace_id)
        if path is not None and path.parent != self._spool.incoming:
            return Fate.SAFE
        if path is not None or state in (ObjectState.QUEUED, ObjectState.RETRYING):
            return Fate.UNDECIDED  # its file may have left while we looked: the next look finds out how it ended
        return Fate.GONE


def everything(by_index: Mapping[str, Received], by_record: Mapping[str, Received]) -> Iterator[Received]:
    """Yield each reception once. The database knows better, because it has been asked after the spool."""
    yield from ({**by_index, **by_record}).values()


def _identity(folder: Path, trace_id: str) -> Reference | None:
    try:
        uids = read_sop_uids(folder / f"{trace_id}{SUFFIX}")
    except FileNotFoundError:
        return None  # imported meanwhile
    return Reference(*uids) if uids else None
