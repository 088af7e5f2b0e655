"""The sub-operations of a C-MOVE or C-GET at a simulated PACS, with its quirks."""

import time
from collections.abc import Callable, Sequence

from pydicom.dataset import Dataset

from tools.pacs.quirks import Quirks
from tools.pacs.request import CANCELLED, PENDING, SOME_FAILED, SUCCESS, Request


class Retrieval:
    """One operation with its sub-operations.

    Args:
        request: the C-MOVE or C-GET.
        wanted: the objects.
        quirks: of the PACS.
        number: how many retrievals it has had, this one included.
        attempt: how many of them were for the same.
        sent: called after each object that was sent.
    """

    def __init__(
        self,
        *,
        request: Request,
        wanted: Sequence[Dataset],
        quirks: Quirks,
        number: int,
        attempt: int,
        sent: Callable[[], None],
    ) -> None:
        self._request = request
        self._wanted = wanted
        self._quirks = quirks
        self._number = number
        self._to_fail = min(quirks.some_fail, len(wanted)) if attempt == 1 else 0
        self._sent = sent
        self._completed = self._failed = self._warning = 0

    @property
    def sends_something(self) -> bool:
        """Whether there is something to connect for."""
        return bool(self._objects)

    @property
    def _objects(self) -> Sequence[Dataset]:
        return [] if self._quirks.sends_nothing else self._wanted[self._to_fail :]

    def run(self, send: Callable[[Dataset], int | None]) -> None:
        """Send what is wanted and answer. `send` returns the status of a C-STORE, None where there was no answer."""
        for number, data_set in enumerate(self._objects):
            if self._request.cancelled:
                self._respond(CANCELLED)
                return
            if number >= len(self._wanted) // 2 and not self._goes_on():
                return
            status = send(data_set)
            if status == SUCCESS:
                self._completed += 1
            elif status is not None and status & 0xF000 == SOME_FAILED:
                self._warning += 1
            else:
                self._failed += 1
            self._sent()
            time.sleep(self._quirks.delay_seconds)
            self._respond(PENDING)
        self._failed += self._to_fail
        if self._quirks.no_final_counters:
            self._request.respond(SUCCESS)
        else:
            self._respond(SOME_FAILED if self._failed or self._warning else SUCCESS)

    def _goes_on(self) -> bool:
        """Drop the association, or fall silent, in the middle, where it is one of the retrievals that do."""
        if self._number <= self._quirks.drops_in_move:
            self._request.abort()
            return False
        if self._number <= self._quirks.hangs_in_retrieval:
            self._request.wait(60)
            return False
        return True

    def _respond(self, status: int) -> None:
        done = self._completed + self._failed + self._warning
        remaining = {"remaining": len(self._wanted) - done} if status in (PENDING, CANCELLED) else {}
        self._request.respond(
            status, completed=self._completed, failed=self._failed, warning=self._warning, **remaining
        )
