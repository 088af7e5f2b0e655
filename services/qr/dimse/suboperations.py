"""The responses to C-MOVE and C-GET, which count sub-operations (PS3.4 sections C.4.2.1.5 to 7 and C.4.3.1.3)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from services.qr.remote.association import Link
from services.qr.remote.status import Counts
from shared.dicom.status import PENDING

Seen = Callable[[], tuple[int, int]]
"""Returns how many objects have come, without and with a warning."""


@dataclass(frozen=True, slots=True)
class Response:
    """One response to a C-MOVE or C-GET. `counts` has the latest numbers from all responses so far."""

    status: int
    counts: Counts
    counted: bool
    """True if this response itself contains the number of objects sent."""


def follow(
    link: Link,
    responses: Iterable[tuple[Dataset, Dataset | None]],
    *,
    cancel: Callable[[], None],
    seen: Seen | None = None,
) -> Iterator[Response]:
    """Yield the responses as they come, the last one is the final one.

    Args:
        link: the association.
        responses: what pynetdicom hands out.
        cancel: sends the C-CANCEL when the job is cancelled; the peer has some seconds to end by itself.
        seen: counts objects as they came; it replaces the counts of the responses; None: they are used.

    Raises:
        RemoteError, JobCancelled, Stopping: there was no final response.
    """
    link.watchdog.on_cancel = cancel
    counts = Counts()
    for response, _ in responses:
        status = link.status(response)
        said = response.get("NumberOfCompletedSuboperations")
        completed, warning = seen() if seen else (said, response.get("NumberOfWarningSuboperations"))
        counts = counts.updated(
            remaining=response.get("NumberOfRemainingSuboperations"),
            completed=completed,
            failed=response.get("NumberOfFailedSuboperations"),
            warning=warning,
        )
        if status not in PENDING:
            link.check()
            link.watchdog.on_cancel = None  # nothing is left to cancel; the association may go on
        yield Response(status=status, counts=counts, counted=said is not None)
