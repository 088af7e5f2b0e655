"""C-STORE requests received over an association that we opened, each data set handed over in pieces as it comes.

pynetdicom collects the fragments of a message in the thread of its upper layer, and hands the message over when it is
complete. For the block of `streamed_stores` the data set of a C-STORE request goes to a receiver instead, fragment by
fragment; while the receiver works, nothing more is read from the peer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.pdu_primitives import P_DATA


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """The command set of a C-STORE request, before its data set comes."""

    context_id: int
    sop_instance_uid: str


class StoreReceiver(Protocol):
    """A receiver of objects, one after the other."""

    def take(self, request: StoreRequest, data: bytes) -> None:
        """Take a fragment of a data set. Runs in pynetdicom's thread of the upper layer."""
        ...

    def finish(self) -> int:
        """Return the status of the answer to a request whose data set has come; also where there was none."""
        ...


@contextmanager
def streamed_stores(association: Association, receiver: StoreReceiver) -> Iterator[None]:
    """Let a receiver take what the peer stores to us, for the block."""
    dimse = association.dimse
    receive = dimse.receive_primitive

    def receive_fragments(primitive: P_DATA) -> None:
        if dimse.message is None:
            dimse.message = DIMSEMessage()
            dimse.message.data_set = _Fragments(dimse.message, receiver)
        receive(primitive)

    def finish(event: evt.Event) -> Dataset:  # noqa: ARG001 (pynetdicom's signature)
        status = Dataset()
        status.Status = receiver.finish()
        return status

    handler: Any = finish
    dimse.receive_primitive = receive_fragments  # type: ignore[method-assign]
    association.bind(evt.EVT_C_STORE, handler)
    try:
        yield
    finally:
        association.unbind(evt.EVT_C_STORE, handler)
        dimse.receive_primitive = receive  # type: ignore[method-assign]


class _Fragments(BytesIO):
    """The data set of a message that is being received; it stays empty where the receiver takes that of a C-STORE."""

    def __init__(self, message: DIMSEMessage, receiver: StoreReceiver) -> None:
        super().__init__()
        self._message = message
        self._receiver = receiver

    def write(self, data: Any, /) -> int:
        """Take a fragment; the command set has come before."""
        message = self._message
        if not isinstance(message, C_STORE_RQ):
            return super().write(data)
        uid = str(message.command_set.get("AffectedSOPInstanceUID", ""))
        self._receiver.take(StoreRequest(message.context_id or 0, uid), data)
        return len(data)
