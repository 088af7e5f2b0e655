"""C-GET of a study, a series or an instance, Study Root (PS3.4 section C.4.3).

The remote node sends what we ask for over the association that we have opened, by C-STORE sub-operations. Each object
is passed on to the store node while it comes, and what that one says of it is our answer to the sub-operation.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.pdu_primitives import P_DATA

from services.qr.dimse.storage_contexts import SOP_CLASSES
from services.qr.dimse.suboperations import Response, follow
from services.qr.forwarding.relay import Answer, Kind, Passage, Relay
from services.qr.remote.association import Link
from services.qr.remote.errors import NodeRefuses
from shared.dicom.status import CANNOT_UNDERSTAND
from shared.dicom.uid import STUDY_ROOT_GET

GET = UID(STUDY_ROOT_GET)
MESSAGE_ID = 1


def kinds_of(link: Link) -> dict[int, Kind]:
    """Return what the remote node may send us, by presentation context.

    Raises:
        NodeRefuses: nothing.
    """
    link.require(GET)
    kinds = {
        context.context_id: Kind(str(context.abstract_syntax), str(context.transfer_syntax[0]))
        for context in link.association.accepted_contexts
        if context.as_scp and context.abstract_syntax in SOP_CLASSES and context.context_id is not None
    }
    if not kinds:
        raise NodeRefuses(f"{link.peer} offers C-GET, but no kind of object over it: set retrieve_by to move")
    return kinds


def get(link: Link, keys: Dataset, *, relay: Relay) -> Iterator[Response]:
    """Have something sent, and pass it on; yield the responses, the last one is the final one.

    What has come is what we have seen ourselves, whatever the responses say of it.
    A cancelled job sends C-CANCEL; the peer has some seconds to end by itself.

    Raises:
        RemoteError, JobCancelled, Stopping: there was no final response.
    """
    with _passing_on(link, relay):
        responses = link.association.send_c_get(keys, GET, msg_id=MESSAGE_ID)
        yield from follow(
            link,
            responses,
            cancel=lambda: link.cancel(MESSAGE_ID, GET),
            seen=lambda: (relay.sent, relay.warned),
        )


@contextmanager
def _passing_on(link: Link, relay: Relay) -> Iterator[None]:
    """Pass on what the remote node stores to us, for the block.

    pynetdicom collects the fragments of a message in its own thread, and hands the message over when it is complete.
    Here the data set of a C-STORE goes to the relay instead, fragment by fragment; as long as the relay takes, nothing
    more is read from the remote node.
    """
    dimse, receiver = link.association.dimse, _Receiver(link, relay)
    receive = dimse.receive_primitive

    def receive_fragments(primitive: P_DATA) -> None:
        if dimse.message is None:
            dimse.message = DIMSEMessage()
            dimse.message.data_set = _DataSet(dimse.message, receiver.take)
        receive(primitive)

    handler: Any = receiver.finish
    dimse.receive_primitive = receive_fragments  # type: ignore[method-assign]
    link.association.bind(evt.EVT_C_STORE, handler)
    try:
        yield
    finally:
        link.association.unbind(evt.EVT_C_STORE, handler)
        dimse.receive_primitive = receive  # type: ignore[method-assign]
        receiver.drop()


class _DataSet(BytesIO):
    """The data set of a message that is being received. That of a C-STORE goes elsewhere, and this stays empty."""

    def __init__(self, message: DIMSEMessage, take: Callable[[DIMSEMessage, bytes], None]) -> None:
        super().__init__()
        self._message = message
        self._take = take

    def write(self, data: Any, /) -> int:
        """Take a fragment; the command set has come before."""
        if not isinstance(self._message, C_STORE_RQ):
            return super().write(data)
        self._take(self._message, data)
        return len(data)


class _Receiver:
    """The objects that come by C-STORE. `take` runs in pynetdicom's thread, the rest in the one that waits."""

    def __init__(self, link: Link, relay: Relay) -> None:
        self._watchdog = link.watchdog
        self._relay = relay
        self._kinds = kinds_of(link)
        self._passage: Passage | None = None

    def take(self, message: DIMSEMessage, data: bytes) -> None:
        """Pass a fragment of a data set on."""
        self._watchdog.touch()
        if self._passage is None:
            self._passage = self._begin(message)
        self._passage.write(data)

    def finish(self, event: evt.Event) -> Dataset:  # noqa: ARG002 (pynetdicom's signature)
        """Return the answer to a C-STORE whose data set has come."""
        passage, self._passage = self._passage, None
        answer = passage.finish() if passage else self._relay.count(Answer(CANNOT_UNDERSTAND, "it has no data set"))
        status = Dataset()
        status.Status = answer.status
        return status

    def drop(self) -> None:
        """Let go of an object whose rest will not come any more."""
        if self._passage is not None:
            self._passage.drop()

    def _begin(self, message: DIMSEMessage) -> Passage:
        kind = self._kinds.get(message.context_id or 0)
        if kind is None:
            passage = Passage(relay=self._relay)
            passage.refuse(CANNOT_UNDERSTAND, "an object of a kind that was not agreed on")
            return passage
        return self._relay.passage(kind, str(message.command_set.get("AffectedSOPInstanceUID", "")))
