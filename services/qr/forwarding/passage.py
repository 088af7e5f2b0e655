"""One object on its way to the store node, piece by piece."""

from services.qr.forwarding.relay import Relay, RelayOver
from services.qr.forwarding.values import ObjectKind, StoreAnswer
from shared.dicom.status import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, SOP_CLASS_NOT_SUPPORTED


class Passage:
    """An object that is being sent. `finish` or `drop` ends it; no method raises: a failure becomes the answer."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._pending = bytearray()
        self._context_id: int | None = None
        self._answer: StoreAnswer | None = None

    @classmethod
    def begin(cls, relay: Relay, kind: ObjectKind, sop_instance_uid: str) -> "Passage":
        """Send the request of a C-STORE, and return the receiver of its data set."""
        passage = cls(relay)
        try:
            passage._context_id = relay.begin(kind, sop_instance_uid)
        except RelayOver as over:
            passage._refuse(OUT_OF_RESOURCES, str(over))
        except ValueError:  # pynetdicom, of a UID with more than 64 characters
            passage._refuse(CANNOT_UNDERSTAND, "an object whose SOP Instance UID is none")
        else:
            if passage._context_id is None:
                passage._refuse(SOP_CLASS_NOT_SUPPORTED, f"{relay.to} does not take {kind}")
        return passage

    @classmethod
    def refused(cls, relay: Relay, status: int, words: str) -> "Passage":
        """Return the passage of an object that is refused without a request to the store node."""
        passage = cls(relay)
        passage._refuse(status, words)
        return passage

    def write(self, data: bytes) -> None:
        """Pass the next bytes of the data set on; waits while the store node is slower."""
        if self._answer is not None or self._context_id is None:
            return
        self._pending += data
        try:
            size = self._relay.piece_bytes
            while len(self._pending) > size:  # the rest may be the last piece
                self._relay.send(self._context_id, bytes(self._pending[:size]), last=False)
                del self._pending[:size]
        except RelayOver as over:
            self._refuse(OUT_OF_RESOURCES, str(over))

    def finish(self) -> StoreAnswer:
        """End the data set; return the store node's answer to the object, and count it."""
        if self._answer is None and self._context_id is not None:
            try:
                self._relay.send(self._context_id, bytes(self._pending), last=True)
                self._answer = self._relay.answer()
            except RelayOver as over:
                self._refuse(OUT_OF_RESOURCES, str(over))
        answer = self._answer or StoreAnswer(CANNOT_UNDERSTAND, "an object without data set")
        self._relay.counts.add(answer)
        return answer

    def drop(self) -> None:
        """Drop an object whose rest will not come, so that the store node does not keep a part of it."""
        if self._answer is None:
            self._relay.abort()
            self._refuse(OUT_OF_RESOURCES, "broken off")

    def _refuse(self, status: int, words: str) -> None:
        """Answer in place of the store node; the data of the object is discarded."""
        self._answer = StoreAnswer(status, words)
        self._pending.clear()
