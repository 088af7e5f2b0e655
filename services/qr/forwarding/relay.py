"""Passing objects on to the job's store node by C-STORE, piece by piece: none of them is ever held as a whole.

What was asked for by C-MOVE is sent by the remote node itself. What we fetch (C-GET) goes the same last way: the store
node decides what it takes, and counts, checks and keeps it as if the remote node had called, under whose AE title we
do. It gets each object untouched, in the transfer syntax in which it came.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

from pydicom.uid import UID
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.presentation import build_context

from services.qr.forwarding.store_node import calling_store_node
from services.qr.remote.archive import Limits
from services.qr.remote.association import Link
from services.qr.remote.peer import Peer
from services.qr.remote.status import describe_store, is_stored, is_stored_with_warning, printable
from services.qr.remote.watchdog import Watchdog
from shared.dicom.status import (
    CANNOT_UNDERSTAND,
    DOES_NOT_MATCH_SOP_CLASS,
    OUT_OF_RESOURCES,
    SOP_CLASS_NOT_SUPPORTED,
)
from shared.errors import DosewireError

LARGEST_PIECE = 64 * 1024
"""Bytes in one PDU, also where the store node takes larger ones."""
SHORTEST_PDU = 128
PDUS_AHEAD = 8
"""How many PDUs may wait for the network; pynetdicom itself would let a whole object wait."""
LOOK_FOR_ROOM = 0.0005
LOOK_FOR_END = 0.5
_HEADER_BYTES = 6
_NOT_LAST, _LAST = b"\x00", b"\x02"
"""Message control headers of fragments of a data set (PS3.8 annex E.2)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a presentation context is for."""

    sop_class_uid: str
    transfer_syntax_uid: str

    def __str__(self) -> str:
        return f"{UID(self.sop_class_uid).name} in {UID(self.transfer_syntax_uid).name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What has become of an object: a status of C-STORE (PS3.4 table B.2-1), and a failure in words."""

    status: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class PassingOn:
    """What it takes to pass objects on: the store node, and how long it may take."""

    to: Peer
    limits: Limits
    stop: threading.Event


class _Gone(Exception):
    """The association with the store node is over; the text says why."""


class Relay:
    """An association with a store node. A context manager; entering it says why there is none.

    Args:
        to: the store node; it is called under the AE title that stands there.
        kinds: what may come; further ones cost an association of their own.
        limits: how long the store node may take.
        source: the watchdog of the connection over which objects come: it rests while the store node is at work.
        stop: set when this process shall end.

    Raises:
        RemoteError, Stopping: on entering, as `calling_store_node`.
    """

    def __init__(
        self, *, to: Peer, kinds: Collection[Kind], limits: Limits, source: Watchdog, stop: threading.Event
    ) -> None:
        self.to = to
        self._kinds = dict.fromkeys(kinds)
        self._limits = limits
        self._source = source
        self._stop = stop
        self._stack = ExitStack()
        self._link: Link | None = None
        self._contexts: dict[Kind, int] = {}
        self._why_gone = ""
        self._closed = False
        self._messages = 0
        self.sent = 0
        """How many objects the store node has taken."""
        self.warned = 0
        """How many it has taken with a warning."""
        self.refused: Counter[str] = Counter()
        """How many it has not taken, by why not, in words."""
        self.may_pass = False
        """Whether one of those might be taken another time."""

    def __enter__(self) -> "Relay":
        self._open()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closed = True
        if exc is not None:
            self._abort()
        self._stack.close()

    def passage(self, kind: Kind, sop_instance_uid: str) -> "Passage":
        """Begin to pass an object on. Nothing is raised: what goes wrong is the answer."""
        passage = Passage(relay=self)
        try:
            passage.begin(kind, sop_instance_uid)
        except _Gone as gone:
            passage.refuse(OUT_OF_RESOURCES, str(gone))
        except ValueError:  # pynetdicom, of a UID with more than 64 characters
            passage.refuse(CANNOT_UNDERSTAND, "an object whose SOP Instance UID is none")
        return passage

    def count(self, answer: Answer) -> Answer:
        """Count the answer to an object, and return it."""
        if is_stored(answer.status):
            self.sent += 1
        elif is_stored_with_warning(answer.status):
            self.warned += 1
        else:
            self.refused[answer.words] += 1
            self.may_pass |= (
                answer.status != SOP_CLASS_NOT_SUPPORTED and answer.status & 0xFF00 != DOES_NOT_MATCH_SOP_CLASS
            )
        return answer

    def begin(self, kind: Kind, sop_instance_uid: str) -> int | None:
        """Send the request of a C-STORE; return its presentation context, None where the store node has none for it.

        Raises:
            _Gone: the association is over.
        """
        if kind not in self._kinds and not self._why_gone:
            self._kinds[kind] = None
            self._close()
        if self._link is None:
            self._reopen()
        context_id = self._contexts.get(kind)
        if context_id is None:
            return None
        self._messages = self._messages % 0xFFFF + 1
        request = C_STORE()
        request.MessageID = self._messages
        request.AffectedSOPClassUID = kind.sop_class_uid
        request.AffectedSOPInstanceUID = sop_instance_uid
        request.Priority = 2
        message = C_STORE_RQ()
        message.primitive_to_message(request)
        message.command_set.CommandDataSetType = 0x0001  # the data set follows by itself
        link = self._require()
        with self._turn(link):
            for data in message.encode_msg(context_id, _longest_pdu(link)):
                self._send(link, data)
        return context_id

    def send(self, context_id: int, data: bytes, *, last: bool) -> None:
        """Send a piece of a data set, when the store node has taken most of those before.

        Raises:
            _Gone: the association is over.
        """
        link = self._require()
        fragment = P_DATA()
        fragment.presentation_data_value_list.append((context_id, (_LAST if last else _NOT_LAST) + data))
        with self._turn(link):
            self._send(link, fragment)

    def answer(self) -> Answer:
        """Wait for the answer to what was sent.

        Raises:
            _Gone: there is none.
        """
        link = self._require()
        with self._turn(link):
            while True:
                _, response = link.association.dimse.get_msg(block=True)
                if isinstance(response, C_STORE) and response.Status is not None:
                    break
                if response is not None:
                    self.abort()
                    raise _Gone(f"{self.to} answers a C-STORE with something else")
                self._check(link)
        status = int(response.Status)
        if is_stored(status) or is_stored_with_warning(status):
            return Answer(status)
        comment = printable(str(getattr(response, "ErrorComment", None) or ""))
        text = f"{self.to} refuses objects with status {describe_store(status)}"
        return Answer(status, f"{text}: {comment}" if comment else text)

    @property
    def piece_bytes(self) -> int:
        """How many bytes of a data set go into one PDU."""
        longest = _longest_pdu(self._require())
        return min(longest - _HEADER_BYTES, LARGEST_PIECE) if longest else LARGEST_PIECE

    def abort(self) -> None:
        """Break the association off: it is in the middle of an object whose rest will not come."""
        self._abort()
        self._close()

    def _open(self) -> None:
        contexts = [build_context(kind.sop_class_uid, kind.transfer_syntax_uid) for kind in self._kinds]
        link = self._stack.enter_context(
            calling_store_node(self.to, contexts=contexts, limits=self._limits, stop=self._stop)
        )
        link.association.dimse_timeout = LOOK_FOR_END
        link.watchdog.rest()
        accepted = link.association.accepted_contexts
        self._contexts = {
            Kind(str(one.abstract_syntax), str(one.transfer_syntax[0])): one.context_id
            for one in accepted
            if one.context_id is not None
        }
        self._link = link

    def _reopen(self) -> None:
        """Call again, once: where that fails, what comes next is refused at once."""
        if self._why_gone:
            raise _Gone(self._why_gone)
        try:
            self._open()
        except DosewireError as error:
            self._why_gone = str(error)
            raise _Gone(self._why_gone) from error

    def _abort(self) -> None:
        if self._link is not None:
            self._link.association.abort()

    def _close(self) -> None:
        self._link, self._contexts = None, {}
        self._stack.close()

    def _require(self) -> Link:
        if self._link is None:
            raise _Gone(self._why_gone or f"{self.to} dropped the association")
        return self._link

    @contextmanager
    def _turn(self, link: Link) -> Iterator[None]:
        """Hold the store node responsible for what takes time, and not the one from which objects come."""
        self._source.rest()
        link.watchdog.touch()
        try:
            yield
        finally:
            link.watchdog.rest()
            self._source.touch()

    def _send(self, link: Link, data: P_DATA) -> None:
        waiting = link.association.dul.to_provider_queue
        while waiting.qsize() >= PDUS_AHEAD:
            self._check(link)
            time.sleep(LOOK_FOR_ROOM)
        self._check(link)
        link.association.dul.send_pdu(data)

    def _check(self, link: Link) -> None:
        """Raise `_Gone` where the association, or what it is for, is over."""
        if self._closed or self._source.has_shut_down:
            raise _Gone("the retrieval has been broken off")
        if link.watchdog.ended_by is None and link.association.dul.state_machine.current_state == "Sta6":
            return
        text = f"{self.to} dropped the association"
        try:
            link.check()
        except DosewireError as error:
            self._why_gone = text = str(error)  # whoever was silent once is not waited for again
        self.abort()
        raise _Gone(text)


def _longest_pdu(link: Link) -> int:
    """Return how long a PDU the store node takes, in bytes; 0: any. Nobody means less than the shortest."""
    said = link.association.dimse.maximum_pdu_size or 0
    return max(said, SHORTEST_PDU) if said else 0


class Passage:
    """An object on its way. `finish` or `drop` ends it."""

    def __init__(self, *, relay: Relay) -> None:
        self._relay = relay
        self._pending = bytearray()
        self._context_id: int | None = None
        self._answer: Answer | None = None

    def begin(self, kind: Kind, sop_instance_uid: str) -> None:
        """Send the request; `Relay.passage` does so."""
        self._context_id = self._relay.begin(kind, sop_instance_uid)
        if self._context_id is None:
            self.refuse(SOP_CLASS_NOT_SUPPORTED, f"{self._relay.to} does not take {kind}")

    def write(self, data: bytes) -> None:
        """Pass the next bytes of the data set on; waits while the store node is slower. Nothing is raised."""
        if self._answer is not None or self._context_id is None:
            return
        self._pending += data
        try:
            size = self._relay.piece_bytes
            while len(self._pending) > size:  # what is left may be the last piece
                self._relay.send(self._context_id, bytes(self._pending[:size]), last=False)
                del self._pending[:size]
        except _Gone as gone:
            self.refuse(OUT_OF_RESOURCES, str(gone))

    def finish(self) -> Answer:
        """Say that the data set is complete, and return what the store node says of the object."""
        if self._answer is None and self._context_id is not None:
            try:
                self._relay.send(self._context_id, bytes(self._pending), last=True)
                self._answer = self._relay.answer()
            except _Gone as gone:
                self.refuse(OUT_OF_RESOURCES, str(gone))
        return self._relay.count(self._answer or Answer(CANNOT_UNDERSTAND, "an object without data set"))

    def drop(self) -> None:
        """Let go of an object whose rest will not come: the store node must not take the half for the whole."""
        if self._answer is None:
            self._relay.abort()
            self.refuse(OUT_OF_RESOURCES, "broken off")

    def refuse(self, status: int, words: str) -> None:
        """Answer in place of the store node; what comes of the object is thrown away."""
        self._answer = Answer(status, words)
        self._pending.clear()
