"""C-MOVE of a study, a series or an instance, Study Root (PS3.4 section C.4.2)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.dimse.association import Link
from services.qr.dimse.message_ids import next_message_id
from services.qr.status import PENDING, Counts
from shared.logging import get_logger

MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MoveResponse:
    """One response to a C-MOVE. `counts` has what any response said so far."""

    status: int
    counts: Counts
    counted: bool
    """Whether this response itself tells how many objects were sent."""


def move(link: Link, keys: Dataset, *, destination: str) -> Iterator[MoveResponse]:
    """Have something sent to the AE title `destination`; yield the responses, the last one is the final one.

    A cancelled job sends C-CANCEL; the peer has some seconds to end by itself.

    Raises:
        RemoteError, JobCancelled, Stopping: there was no final response.
    """
    link.require(MOVE)
    message_id = next_message_id()
    log.info("C-MOVE", level=keys.QueryRetrieveLevel, message_id=message_id, destination=destination)
    responses = link.association.send_c_move(keys, destination, MOVE, msg_id=message_id)
    link.watchdog.on_cancel = lambda: _cancel(link, message_id)
    counts = Counts()
    for response, _ in responses:
        status = link.status(response)
        counts = counts.updated(
            remaining=response.get("NumberOfRemainingSuboperations"),
            completed=response.get("NumberOfCompletedSuboperations"),
            failed=response.get("NumberOfFailedSuboperations"),
            warning=response.get("NumberOfWarningSuboperations"),
        )
        if status not in PENDING:
            link.check()
            link.watchdog.on_cancel = None  # nothing is left to cancel; the association may go on
        yield MoveResponse(
            status=status, counts=counts, counted=response.get("NumberOfCompletedSuboperations") is not None
        )


def _cancel(link: Link, message_id: int) -> None:
    with suppress(RuntimeError):  # the association is gone: nothing left to cancel
        link.association.send_c_cancel(message_id, query_model=MOVE)
