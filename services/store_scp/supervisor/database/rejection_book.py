"""The counts of rejected callers until the database has taken them: one entry for each caller and cause."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.store_scp.common.node_output import CallerRejected

MAXIMUM_CALLERS = 500
"""The most entries that wait; further callers are counted together, without AE titles and address."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The rejections of one caller for one cause since they were last written."""

    node_id: int
    node: str
    caller: CallerRejected
    rejections: int
    first_at: datetime
    last_at: datetime


class RejectionBook:
    """Adds up rejections. Safe to be used by several threads; the reader of a node's output must not wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[int, CallerRejected], Counted] = {}

    def add(self, *, node_id: int, node: str, caller: CallerRejected) -> None:
        """Count one."""
        now = datetime.now(UTC)
        self.put_back([Counted(node_id, node, caller, 1, now, now)])

    def take(self) -> list[Counted]:
        """Return the counts, and start again from zero."""
        with self._lock:
            entries, self._entries = self._entries, {}
        return list(entries.values())

    def put_back(self, counted: Iterable[Counted]) -> None:
        """Add counts again that could not be written."""
        with self._lock:
            for entry in counted:
                self._add(entry)

    def _add(self, entry: Counted) -> None:
        key = (entry.node_id, replace(entry.caller, detail=""))
        if key not in self._entries and len(self._entries) >= MAXIMUM_CALLERS:
            entry = replace(entry, caller=CallerRejected(entry.caller.cause))
            key = (entry.node_id, entry.caller)
        known = self._entries.get(key)
        if known is not None:
            entry = replace(
                entry,
                caller=entry.caller if entry.last_at >= known.last_at else known.caller,
                rejections=known.rejections + entry.rejections,
                first_at=min(known.first_at, entry.first_at),
                last_at=max(known.last_at, entry.last_at),
            )
        self._entries[key] = entry
