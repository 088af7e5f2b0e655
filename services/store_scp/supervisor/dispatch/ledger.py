"""The ledger of published objects: those of the spool that have to be published, or published again. Pure functions."""

from collections.abc import Collection


class Ledger:
    """Remembers what this process has published and when, so that a sweep publishes only what is missing.

    It only saves work: a restarted process publishes everything that lies in the spool once more, and a second import
    changes nothing.
    """

    def __init__(self) -> None:
        self._published: dict[str, float] = {}

    def __contains__(self, trace_id: str) -> bool:
        return trace_id in self._published

    def published(self, trace_id: str, *, at: float) -> None:
        """Note that the broker has taken the message of this object at the time `at` (seconds)."""
        self._published[trace_id] = at

    def missing(self, pending: Collection[str]) -> list[str]:
        """Return the unpublished objects of the spool, oldest first, and forget those that have left it."""
        pending = set(pending)
        self._published = {trace_id: at for trace_id, at in self._published.items() if trace_id in pending}
        return sorted(pending - self._published.keys())

    def overdue(self, *, now: float, after: float) -> list[str]:
        """Return what was published more than `after` seconds ago, oldest first.

        If the queues are empty, these messages are lost: by the broker, or because an operator has purged a queue.
        """
        return sorted(trace_id for trace_id, at in self._published.items() if now - at > after)
