"""C-ECHO and C-FIND, Study Root (PS3.4 sections A and C.4.1)."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.dimse.association import Link
from services.qr.status import PENDING, SUCCESS, check_find
from shared.logging import get_logger

FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
VERIFICATION = UID("1.2.840.10008.1.1")
MESSAGE_ID = 1

log = get_logger(__name__)


def echo(link: Link) -> None:
    """Send a C-ECHO where the peer offers it (the standard says that it must; not all do).

    Raises:
        RemoteError, JobCancelled, Stopping: as `Link.status`.
    """
    if link.accepts(VERIFICATION):
        status = link.status(link.association.send_c_echo())
        if status != SUCCESS:
            log.warning("echo answered with a failure", status=f"{status:04X}")


def find(link: Link, keys: Dataset) -> Iterator[Dataset | None]:
    """Send a C-FIND and yield its answers as they come; None: one that cannot be decoded.

    Raises:
        RemoteError, JobCancelled, Stopping: the answers are not complete; the text says why.
    """
    link.require(FIND)
    for response, answer in link.association.send_c_find(keys, FIND, msg_id=MESSAGE_ID):
        status = link.status(response)
        if status in PENDING:
            yield answer
            continue
        link.check()
        check_find(status, peer=str(link.peer))
