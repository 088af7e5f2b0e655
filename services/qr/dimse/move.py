"""C-MOVE of a study, a series or an instance, Study Root (PS3.4 section C.4.2)."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.dimse.message_ids import next_message_id
from services.qr.dimse.suboperations import Response, follow
from services.qr.remote.association import Link
from shared.dicom.uid import STUDY_ROOT_MOVE
from shared.logging import get_logger

MOVE = UID(STUDY_ROOT_MOVE)

log = get_logger(__name__)


def move(link: Link, keys: Dataset, *, destination: str) -> Iterator[Response]:
    """Have something sent to the AE title `destination`; yield the responses, the last one is the final one.

    A cancelled job sends C-CANCEL; the peer has some seconds to end by itself.

    Raises:
        RemoteError, JobCancelled, Stopping: there was no final response.
    """
    link.require(MOVE)
    message_id = next_message_id()
    log.info("C-MOVE", level=keys.QueryRetrieveLevel, message_id=message_id, destination=destination)
    responses = link.association.send_c_move(keys, destination, MOVE, msg_id=message_id)
    yield from follow(link, responses, cancel=lambda: link.cancel(message_id, MOVE))
