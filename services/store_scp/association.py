"""pynetdicom's association and its socket, with what many and difficult peers need of them changed."""

import select
import socket
from typing import Any

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.transport import AssociationSocket

from services.store_scp.store_request import CANNOT_UNDERSTAND

_MAXIMUM_PDU_READ = 1024 * 1024
"""No PDU may announce more: an A-ASSOCIATE-RQ with 128 contexts of every transfer syntax has some 300 kB."""
_RECEIVE_SIZE = 256 * 1024


class StoreSocket(AssociationSocket):
    """Reads in large pieces, acknowledges at once, and refuses PDUs of absurd length before reading them."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Return `nr_bytes` bytes, or what has come until the peer closed the connection.

        Raises:
            OSError: the connection failed, the peer was silent for too long, or announced too long a PDU.
        """
        if nr_bytes > _MAXIMUM_PDU_READ:
            raise ConnectionAbortedError(f"the peer announced a PDU of {nr_bytes} bytes")
        if self.socket is None:
            raise ConnectionAbortedError("the connection was closed here")
        received = bytearray(nr_bytes)
        view = memoryview(received)
        count = 0
        while count < nr_bytes:
            got = self.socket.recv_into(view[count:], min(nr_bytes - count, _RECEIVE_SIZE))
            if not got:
                break
            count += got
            # A sender that writes header and body apart, with Nagle on, waits for our delayed acknowledgement
            # (40 ms) each time. The kernel leaves this mode by itself, so it is set again after each read.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        view.release()
        del received[count:]
        return received

    @property
    def ready(self) -> bool:
        """Whether there is something to read. `poll`, because `select` fails at descriptor 1024."""
        if self.socket is None or not self._is_connected:
            return False
        poll = select.poll()
        try:
            poll.register(self.socket, select.POLLIN)
            return bool(poll.poll(0))
        except (OSError, ValueError):
            self.event_queue.put("Evt17")
            return False


class StoreAssociation(Association):
    """Answers also those C-STORE requests that pynetdicom would leave without an answer."""

    _serving = False
    _finishing = False

    @property
    def is_busy(self) -> bool:
        """Whether a message is on its way here, being served, or waits to be sent."""
        if not self.dul.to_provider_queue.empty():
            return True
        if self._sent_abort:
            return self._serving
        return self._serving or self.dimse.message is not None or not self.dimse.msg_queue.empty()

    def finish(self) -> None:
        """End as soon as the message in hand, if there is one, has been answered; a sender of many gets an abort."""
        self._finishing = True
        if self.is_established and not self.is_busy:
            self.abort(block=False)

    def _serve_request(self, msg: Any, context_id: int) -> None:
        if self._sent_abort:
            return  # nobody would get the answer
        self._serving = True
        try:
            self._serve(msg, context_id)
            if self._finishing:
                self.abort(block=False)  # goes out behind the answer
        finally:
            self._serving = False

    def _serve(self, msg: Any, context_id: int) -> None:
        if isinstance(msg, C_STORE) and not msg.is_valid_request and msg.MessageIDBeingRespondedTo is None:
            response: Any = C_STORE()
            response.MessageIDBeingRespondedTo = msg.MessageID or 0
            response.AffectedSOPClassUID = msg.AffectedSOPClassUID
            response.AffectedSOPInstanceUID = msg.AffectedSOPInstanceUID
            response.Status = CANNOT_UNDERSTAND
            response.ErrorComment = "the request lacks a required attribute"
            self.dimse.send_msg(response, context_id)
            return
        super()._serve_request(msg, context_id)


def address_of(association: Association) -> tuple[str, int]:
    """Return the address and the port from which the requestor called."""
    where = association.requestor.address_info
    return (where.address, where.port) if where is not None else ("", 0)
