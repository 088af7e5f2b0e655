"""The schedule of requests for storage commitment: when each is examined next. Without I/O and clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.backoff import pause_after

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds until the next look for an object that was not imported yet, or a caller that is no remote node yet."""
PAUSES_OF_A_DEVICE = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds until a device that did not take a report is called again."""


@dataclass(slots=True)
class _Waiting:
    due: float = 0.0
    looks: int = 0
    caller: str | None = None
    """The calling AE title of the request, known once its file has been read."""


@dataclass(slots=True)
class _Caller:
    due: float
    failures: int


class Schedule:
    """Requests by key, and the callers whose last report could not be sent: all requests of these wait as long.

    Times are in seconds of one clock.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._callers: dict[str, _Caller] = {}

    def update(self, keys: Collection[str]) -> None:
        """Take up the requests that are new, and forget those that are gone, and callers without any."""
        self._waiting = {key: self._waiting.get(key) or _Waiting() for key in keys}
        callers = {waiting.caller for waiting in self._waiting.values()}
        self._callers = {title: caller for title, caller in self._callers.items() if title in callers}

    def due(self, *, now: float) -> list[str]:
        """Return the keys of the requests that are due, those that have been so for longest first."""
        due = [(waiting.due, key) for key, waiting in self._waiting.items() if waiting.due <= now]
        return [key for _, key in sorted(due)]

    def came_from(self, key: str, caller: str) -> None:
        """Note the caller of a request."""
        self._waiting[key].caller = caller

    def has_to_wait(self, key: str, *, now: float) -> bool:
        """Tell whether the caller of this request is not to be called yet; the request then waits as long."""
        waiting = self._waiting[key]
        caller = self._callers.get(waiting.caller or "")
        if caller is None or caller.due <= now:
            return False
        waiting.due = caller.due
        return True

    def put_off(self, key: str, *, now: float) -> None:
        """Have a request looked at again later, each time after a longer pause."""
        waiting = self._waiting[key]
        waiting.looks += 1
        waiting.due = now + pause_after(waiting.looks, PAUSES)

    def put_off_caller(self, key: str, *, now: float, pauses: Sequence[float]) -> bool:
        """Have the caller of a request called later, each time after a longer pause; returns whether it is the first.

        Args:
            key: of the request whose report could not be sent.
            now: the time.
            pauses: after the first failure, the second and so on.
        """
        waiting = self._waiting[key]
        failures = self._callers[waiting.caller].failures + 1 if waiting.caller in self._callers else 1
        waiting.due = now + pause_after(failures, pauses)
        self._callers[waiting.caller or ""] = _Caller(due=waiting.due, failures=failures)
        return failures == 1

    def answered(self, key: str) -> None:
        """Note that the caller of a request has answered."""
        self._callers.pop(self._waiting[key].caller or "", None)
