"""C-GET of a study, a series or an instance, Study Root (PS3.4 section C.4.3).

The remote node sends what we ask for over the association that we have opened, by C-STORE sub-operations. Each object
is passed on to the store node while it comes, and the store node's status is our answer to the sub-operation.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID

from services.qr.dimse.storage_contexts import SOP_CLASSES
from services.qr.dimse.suboperations import Response, follow
from services.qr.forwarding.passage import Passage
from services.qr.forwarding.relay import Relay
from services.qr.forwarding.values import ObjectKind
from services.qr.remote.association import Link
from services.qr.remote.errors import NodeRefuses
from shared.association.store_receiving import StoreRequest, streamed_stores
from shared.dicom.status import CANNOT_UNDERSTAND
from shared.dicom.uid import STUDY_ROOT_GET

GET = UID(STUDY_ROOT_GET)
MESSAGE_ID = 1


def kinds_of(link: Link) -> dict[int, ObjectKind]:
    """Return the kinds of objects that the remote node may send us, by presentation context.

    Raises:
        NodeRefuses: nothing.
    """
    link.require(GET)
    kinds = {
        context.context_id: ObjectKind(str(context.abstract_syntax), str(context.transfer_syntax[0]))
        for context in link.association.accepted_contexts
        if context.as_scp and context.abstract_syntax in SOP_CLASSES and context.context_id is not None
    }
    if not kinds:
        raise NodeRefuses(f"{link.peer} offers C-GET, but no kind of object over it: set retrieve_by to move")
    return kinds


def get(link: Link, keys: Dataset, *, relay: Relay) -> Iterator[Response]:
    """Have something sent, and pass it on; yield the responses, the last one is the final one.

    Objects are counted as they come, not as the responses count them. A cancelled job sends C-CANCEL; the peer has some
    seconds to end by itself.

    Raises:
        RemoteError, JobCancelled, Stopping: there was no final response.
    """
    receiver, counts = _Receiver(link, relay), relay.counts
    try:
        with streamed_stores(link.association, receiver):
            responses = link.association.send_c_get(keys, GET, msg_id=MESSAGE_ID)
            yield from follow(
                link,
                responses,
                cancel=lambda: link.cancel(MESSAGE_ID, GET),
                seen=lambda: (counts.sent, counts.warned),
            )
    finally:
        receiver.drop()


class _Receiver:
    """A `StoreReceiver` that passes each object on."""

    def __init__(self, link: Link, relay: Relay) -> None:
        self._watchdog = link.watchdog
        self._relay = relay
        self._kinds = kinds_of(link)
        self._passage: Passage | None = None

    def take(self, request: StoreRequest, data: bytes) -> None:
        """See `StoreReceiver.take`."""
        self._watchdog.touch()
        if self._passage is None:
            self._passage = self._begin(request)
        self._passage.write(data)

    def finish(self) -> int:
        """See `StoreReceiver.finish`."""
        passage, self._passage = self._passage, None
        if passage is None:
            passage = Passage.refused(self._relay, CANNOT_UNDERSTAND, "it has no data set")
        return passage.finish().status

    def drop(self) -> None:
        """Let go of an object whose rest will not come any more."""
        if self._passage is not None:
            self._passage.drop()

    def _begin(self, request: StoreRequest) -> Passage:
        kind = self._kinds.get(request.context_id)
        if kind is None:
            return Passage.refused(self._relay, CANNOT_UNDERSTAND, "an object of a kind that was not agreed on")
        return Passage.begin(self._relay, kind, request.sop_instance_uid)
