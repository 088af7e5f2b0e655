"""C-FIND, Study Root (PS3.4 section C.4.1)."""

import time
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.dimse.message_ids import next_message_id
from services.qr.remote.association import Link
from services.qr.remote.status import check_find
from services.qr.remote.watchdog import CANCEL_GRACE
from shared.dicom.status import PENDING
from shared.dicom.uid import STUDY_ROOT_FIND

FIND = UID(STUDY_ROOT_FIND)

Responses = Iterator[tuple[Dataset, Dataset | None]]


def find(link: Link, keys: Dataset) -> Iterator[Dataset | None]:
    """Send a C-FIND and yield its answers as they come; None: one that cannot be decoded.

    A cancelled job sends C-CANCEL (PS3.4 section C.4.1.3.2); the peer has some seconds to end by itself. So does
    whoever closes the iterator because enough has come: the association can be used further, unless the peer goes on.

    Raises:
        RemoteError, JobCancelled, Stopping: the answers are not complete; the text says why.
    """
    link.require(FIND)
    message_id = next_message_id()
    responses = link.association.send_c_find(keys, FIND, msg_id=message_id)
    link.watchdog.on_cancel = lambda: link.cancel(message_id, FIND)
    try:
        for response, answer in responses:
            status = link.status(response)
            if status in PENDING:
                yield answer
                continue
            link.check()
            check_find(status, peer=str(link.peer))
    except GeneratorExit:
        _end(link, message_id, responses)
        raise
    finally:
        link.watchdog.on_cancel = None  # nothing is left to cancel; the association may go on


def _end(link: Link, message_id: int, responses: Responses) -> None:
    """Cancel a query of which nothing more is wanted; end the association of a peer that does not care."""
    link.cancel(message_id, FIND)
    deadline = time.monotonic() + CANCEL_GRACE
    for response, _ in responses:
        if response.get("Status") not in PENDING:
            return
        if time.monotonic() >= deadline:
            link.association.abort()
            return
