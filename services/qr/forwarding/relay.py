"""An association with the job's store node, over which objects are passed on by C-STORE.

Objects that are asked for by C-MOVE are sent by the remote node itself. What we fetch (C-GET, WADO-RS) goes to the same
store node, which accepts, checks and keeps it as if the remote node had called: we use the remote node's AE title. It
gets each object untouched, in the transfer syntax in which it came.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType

from pynetdicom.presentation import build_context

from services.qr.forwarding.destination import calling_store_node
from services.qr.forwarding.values import ForwardedCounts, ObjectKind, PassingOn, StoreAnswer
from services.qr.remote.association import Link
from services.qr.remote.peer import Peer
from services.qr.remote.status import describe_store, is_stored, is_stored_with_warning, printable
from services.qr.remote.watchdog import Watchdog
from shared.association.store_sending import (
    HEADER_BYTES,
    MOST_MESSAGE_ID,
    Pdu,
    UnexpectedMessage,
    fragment,
    is_open,
    longest_pdu,
    next_response,
    send,
    store_request,
    waiting_pdus,
)
from shared.errors import DosewireError

LARGEST_PIECE = 64 * 1024
"""Bytes in one PDU, also where the store node takes larger ones."""
PDUS_AHEAD = 8
"""How many PDUs may wait for the network; pynetdicom itself would queue a whole object."""
LOOK_FOR_ROOM = 0.0005
LOOK_FOR_END = 0.5


class RelayOver(DosewireError):
    """The association with the store node has ended; the text has the reason."""


class Relay:
    """An association with a store node. A context manager; entering it raises the reason if there is none.

    Args:
        passing_on: the store node.
        kinds: the kinds of objects that may come; further ones cost an association of their own.
        source: the watchdog of the connection over which objects come: it rests while the store node is at work.

    Raises:
        RemoteError, Stopping: on entering, as `calling_store_node`.
    """

    def __init__(self, passing_on: PassingOn, *, kinds: Collection[ObjectKind], source: Watchdog) -> None:
        self._passing_on = passing_on
        self._kinds = dict.fromkeys(kinds)
        self._source = source
        self._stack = ExitStack()
        self._link: Link | None = None
        self._contexts: dict[ObjectKind, int] = {}
        self._why_over = ""
        self._closed = False
        self._messages = 0
        self.counts = ForwardedCounts()

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

    @property
    def to(self) -> Peer:
        """The store node."""
        return self._passing_on.to

    @property
    def piece_bytes(self) -> int:
        """How many bytes of a data set go into one PDU.

        Raises:
            RelayOver: the association is over.
        """
        longest = longest_pdu(self._require().association)
        return min(longest - HEADER_BYTES, LARGEST_PIECE) if longest else LARGEST_PIECE

    def begin(self, kind: ObjectKind, sop_instance_uid: str) -> int | None:
        """Send the request of a C-STORE; return its presentation context, None where the store node has none for it.

        Raises:
            RelayOver: the association is over.
            ValueError: a UID is not one.
        """
        if kind not in self._kinds and not self._why_over:
            self._kinds[kind] = None
            self._close()
        if self._link is None:
            self._reopen()
        context_id = self._contexts.get(kind)
        if context_id is None:
            return None
        self._messages = self._messages % MOST_MESSAGE_ID + 1
        link = self._require()
        request = store_request(
            link.association,
            context_id=context_id,
            message_id=self._messages,
            sop_class_uid=kind.sop_class_uid,
            sop_instance_uid=sop_instance_uid,
        )
        with self._turn(link):
            for pdu in request:
                self._send(link, pdu)
        return context_id

    def send(self, context_id: int, data: bytes, *, last: bool) -> None:
        """Send a piece of a data set, when the store node has taken most of those before.

        Raises:
            RelayOver: the association is over.
        """
        link = self._require()
        with self._turn(link):
            self._send(link, fragment(context_id, data, last=last))

    def answer(self) -> StoreAnswer:
        """Wait for the answer to what was sent.

        Raises:
            RelayOver: there is none.
        """
        link = self._require()
        with self._turn(link):
            while True:
                try:
                    response = next_response(link.association)
                except UnexpectedMessage as error:
                    self.abort()
                    raise RelayOver(f"{self.to} {error}") from error
                if response is not None:
                    break
                self._check(link)
        if is_stored(response.status) or is_stored_with_warning(response.status):
            return StoreAnswer(response.status)
        comment = printable(response.comment)
        text = f"{self.to} refuses objects with status {describe_store(response.status)}"
        return StoreAnswer(response.status, f"{text}: {comment}" if comment else text)

    def abort(self) -> None:
        """Abort the association in the middle of an object whose rest will not come."""
        self._abort()
        self._close()

    def _open(self) -> None:
        contexts = [build_context(kind.sop_class_uid, kind.transfer_syntax_uid) for kind in self._kinds]
        limits, stop = self._passing_on.limits, self._passing_on.stop
        link = self._stack.enter_context(calling_store_node(self.to, contexts=contexts, limits=limits, stop=stop))
        link.association.dimse_timeout = LOOK_FOR_END
        link.watchdog.rest()
        accepted = link.association.accepted_contexts
        self._contexts = {
            ObjectKind(str(one.abstract_syntax), str(one.transfer_syntax[0])): one.context_id
            for one in accepted
            if one.context_id is not None
        }
        self._link = link

    def _reopen(self) -> None:
        """Call again, once: where that fails, what comes next is refused at once."""
        if self._why_over:
            raise RelayOver(self._why_over)
        try:
            self._open()
        except DosewireError as error:
            self._why_over = str(error)
            raise RelayOver(self._why_over) from error

    def _abort(self) -> None:
        if self._link is not None:
            self._link.association.abort()

    def _close(self) -> None:
        self._link, self._contexts = None, {}
        self._stack.close()

    def _require(self) -> Link:
        if self._link is None:
            raise RelayOver(self._why_over or f"{self.to} dropped the association")
        return self._link

    @contextmanager
    def _turn(self, link: Link) -> Iterator[None]:
        """Count waiting time for the store node, not for the node from which objects come."""
        self._source.rest()
        link.watchdog.touch()
        try:
            yield
        finally:
            link.watchdog.rest()
            self._source.touch()

    def _send(self, link: Link, pdu: Pdu) -> None:
        while waiting_pdus(link.association) >= PDUS_AHEAD:
            self._check(link)
            time.sleep(LOOK_FOR_ROOM)
        self._check(link)
        send(link.association, pdu)

    def _check(self, link: Link) -> None:
        """Raise `RelayOver` where the association, or what it is for, is over."""
        if self._closed or self._source.has_shut_down:
            raise RelayOver("the retrieval has been broken off")
        if link.watchdog.ended_by is None and is_open(link.association):
            return
        text = f"{self.to} dropped the association"
        try:
            link.check()
        except DosewireError as error:
            self._why_over = text = str(error)  # a store node that was silent once is not waited for again
        self.abort()
        raise RelayOver(text)
