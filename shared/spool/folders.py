"""The folders of the spool, where objects lie as files; the broker only dispatches them.

    incoming/    work to do: complete objects, durable, not yet imported
    dicom_in/    imported objects that the deletion policy keeps, by day of reception
    quarantine/  objects that cannot be imported, each with a JSON file that says why
    commitment/  requests for storage commitment that wait for their report, as JSON

A file's name is its trace id and `.dcm`; nothing that a peer sends ever becomes part of a path.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shared.durable import fsync_directory, make_directory, write_durably
from shared.spool.incoming import PARTIAL_SUFFIX, SUFFIX, Incoming
from shared.spool.trace import is_trace_id, new_trace_id, traced_at
from shared.spool.writer import SpoolWriter


class Spool:
    """The folders of one installation under `root` (the setting `DOSEWIRE_DATA_DIR`)."""

    def __init__(self, *, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"
        self.dicom_in = root / "dicom_in"
        self.quarantined = root / "quarantine"
        self.commitment = root / "commitment"

    def prepare(self) -> None:
        """Create the folders where they are missing."""
        for folder in (self.incoming, self.dicom_in, self.quarantined):
            folder.mkdir(parents=True, exist_ok=True)

    def receive(self) -> SpoolWriter:
        """Begin the reception of one object."""
        return SpoolWriter(incoming=Incoming(folder=self.incoming))

    def pending(self) -> Iterator[str]:
        """Yield the trace ids of the objects in `incoming/`, in no order."""
        with os.scandir(self.incoming) as entries:
            for entry in entries:
                trace_id = entry.name.removesuffix(SUFFIX)
                if trace_id != entry.name and is_trace_id(trace_id):
                    yield trace_id

    def find(self, trace_id: str) -> Path | None:
        """Return where the object lies now, or None where it is not in the spool (any more)."""
        for path in (self._in_incoming(trace_id), self._in_quarantine(trace_id), self._in_dicom_in(trace_id)):
            if path.exists():
                return path
        return None

    def keep(self, trace_id: str) -> Path | None:
        """Move an imported object to `dicom_in/`; None where there is none to move (done before)."""
        return self._move(trace_id, self._in_dicom_in(trace_id))

    def delete(self, trace_id: str) -> None:
        """Remove an imported object; nothing happens where it is gone already."""
        for path in (self._in_incoming(trace_id), self._in_quarantine(trace_id)):
            with suppress(FileNotFoundError):
                path.unlink()
        self._forget_reason(trace_id)

    def quarantine(self, trace_id: str, *, reason: str) -> Path | None:
        """Move an object that cannot be imported to `quarantine/`, with its reason beside it, both durably.

        Returns where it lies then; None where there is none to move.
        """
        note = self._in_quarantine(trace_id).with_suffix(".json")
        content = json.dumps({"trace_id": trace_id, "reason": reason}) + "\n"
        write_durably(note, content.encode(), partial=note.with_name(f"{new_trace_id()}{PARTIAL_SUFFIX}"))
        return self._move(trace_id, self._in_quarantine(trace_id))

    def remove_partial(self, *, older_than: float = 0.0) -> int:
        """Remove what receptions that were cut short left behind. Returns how many files that were.

        Only those that nobody has written to for `older_than` seconds; 0 only where no receiver runs.
        """
        removed = 0
        latest = time.time() - older_than
        for folder in (self.incoming, self.quarantined):
            for path in folder.glob(f"*{PARTIAL_SUFFIX}"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime <= latest:
                        path.unlink()
                        removed += 1
        return removed

    def _in_incoming(self, trace_id: str) -> Path:
        return self.incoming / _file_name(trace_id)

    def _in_quarantine(self, trace_id: str) -> Path:
        return self.quarantined / _file_name(trace_id)

    def _in_dicom_in(self, trace_id: str) -> Path:
        return self.dicom_in / traced_at(trace_id).strftime("%Y/%m/%d") / _file_name(trace_id)

    def _move(self, trace_id: str, target: Path) -> Path | None:
        source = self.find(trace_id)
        if source is None or source == target:
            return source
        make_directory(target.parent)
        try:
            source.rename(target)
        except FileNotFoundError:  # another importer with the same message has moved it
            return self.find(trace_id)
        fsync_directory(target.parent)
        fsync_directory(source.parent)
        if source.parent == self.quarantined:
            self._forget_reason(trace_id)
        return target

    def _forget_reason(self, trace_id: str) -> None:
        self._in_quarantine(trace_id).with_suffix(".json").unlink(missing_ok=True)


def _file_name(trace_id: str) -> str:
    if not is_trace_id(trace_id):
        raise ValueError(f"not a trace id: {trace_id[:64]!r}")
    return f"{trace_id}{SUFFIX}"
