"""The connection of an association that we open: plain TCP, or TLS.

It takes the place of pynetdicom's own and differs in four points: it keeps the reason of a failure; a connection that
the peer has closed early still counts as one that was open (pynetdicom takes a fast A-ASSOCIATE-RJ for a failed
connection); each wait has a deadline, also in the middle of a PDU; and bytes that belong to TLS alone are not taken for
data.
"""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from shared.tls.client import Handshake

PIECE_BYTES = 65536
LONGEST_PDU_BYTES = 64 << 20
"""The greatest PDU length that is accepted from a peer, as PDUs are collected in memory."""
AWAITING_CLOSE = "Sta13"
"""The state of PS3.8 section 9.2.1 after our last PDU: waiting for the peer to close the connection."""

Guard = Callable[[socket.socket], None]
"""Called with the socket that `shut_down` has to end; with TLS it is called a second time, with another socket."""


def shut_down(sock: socket.socket) -> None:
    """End a connection from another thread than the one that uses it; threads that wait for it wake up."""
    with suppress(OSError):  # it is closed
        # That of SSLSocket would forget the session under the hands of the other thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Connection(AssociationSocket):
    """Connects, does the TLS handshake, sends and receives, in the thread of pynetdicom's upper layer.

    Args:
        association: whose connection it is.
        address: where it leaves from.
        handshake: how TLS begins; None: without TLS.
        guard: told of each socket before it waits for anything.
    """

    def __init__(
        self, association: Association, *, address: AddressInformation, handshake: Handshake | None, guard: Guard
    ) -> None:
        super().__init__(association, address=address)
        self._handshake = handshake
        self._guard = guard
        self._descriptor = self.socket
        self._buffer = bytearray()
        self._is_at_end = False
        self.reached = False
        """True if the connection was accepted."""
        self.first_bytes = b""
        """The first bytes from the peer."""
        self.failure: OSError | ValueError | None = None
        """The reason why there is no connection, or why it broke."""

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect, and tell the state machine how it went (Evt2 or Evt17 of PS3.8 section 9.2.2)."""
        try:
            self._connect(primitive.address_info.as_tuple)
        except (OSError, ValueError) as error:  # ValueError: a name that TLS cannot ask for
            self.failure = error
            self._shutdown_socket()
            self.socket = None
            primitive.result = "Evt17"
        else:
            primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()

    def _connect(self, address: tuple[str, int] | tuple[str, int, int, int]) -> None:
        seconds = self.assoc.connection_timeout
        sock = self._open_socket()
        self._guard(sock)
        sock.settimeout(seconds)
        sock.connect(address)
        self.reached = True
        if self._handshake is not None:
            secured = self._handshake.wrap(sock)
            self.socket = self._descriptor = sock = secured
            self._guard(secured)
            secured.settimeout(seconds)
            secured.do_handshake()
        self.assoc.requestor.address_info = AddressInformation.from_tuple(sock.getsockname())
        self._is_connected = True
        evt.trigger(self.assoc, evt.EVT_CONN_OPEN, {"address": address})

    @property
    def was_opened(self) -> bool:
        """True if there was a connection for DICOM, with TLS if wanted."""
        return self._is_connected

    @property
    def was_closed(self) -> bool:
        """True if the peer has ended the connection."""
        return self._is_at_end or isinstance(self.failure, ConnectionError | ssl.SSLEOFError | ssl.SSLZeroReturnError)

    def close(self) -> None:
        """Close it. `was_opened` stays true, as the peer's bytes before this still are its answer."""
        if self.socket is None or not self._is_connected:
            return
        self._shutdown_socket()
        self.socket = None
        self.event_queue.put("Evt17")

    def dispose(self) -> None:
        """Close the descriptor, also if pynetdicom has dropped the socket."""
        if self._descriptor is not None:
            self._descriptor.close()

    @property
    def ready(self) -> bool:
        """True if `recv` returns at once: with data, or at the end.

        What has arrived may belong to TLS alone (a session ticket); `recv` would wait for what comes after it.
        """
        if self.socket is None or self.assoc.dul.state_machine.current_state == AWAITING_CLOSE:
            return False  # further bytes are not needed, and a partial PDU would have to be waited for
        if self._buffer or self._is_at_end:
            return True
        if not super().ready:
            return False
        sock = self._open_socket()
        if not isinstance(sock, ssl.SSLSocket):
            return True
        sock.settimeout(0)
        try:
            self._fill(sock)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            self._is_at_end = True
        return True

    def recv(self, nr_bytes: int) -> bytearray:
        """Return the wanted number of bytes, fewer if the peer has ended the connection before.

        Raises:
            OSError: it broke, or took longer than the association allows: as long as for the answer to the request
                before it is established, later its network time-out.
        """
        if nr_bytes > LONGEST_PDU_BYTES:
            raise OSError(f"the peer announces a PDU of more than {LONGEST_PDU_BYTES >> 20} MiB")
        limit = self.assoc.network_timeout if self.assoc.is_established else self.assoc.acse_timeout
        deadline = None if limit is None else time.monotonic() + limit
        while len(self._buffer) < nr_bytes and not self._is_at_end:
            sock = self._open_socket()
            # A time-out of 0 would mean that it does not wait at all.
            sock.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
            self._fill(sock)
        taken = self._buffer[:nr_bytes]
        del self._buffer[:nr_bytes]
        return taken

    def send(self, bytestream: bytes) -> None:
        """Send a PDU. If the peer has ended the connection, its last bytes are received first, then the end."""
        try:
            sock = self._open_socket()
            sock.settimeout(self.assoc.network_timeout)
            sock.sendall(bytestream)
        except OSError as error:
            self.failure = self.failure or error
            if not isinstance(error, ConnectionError | ssl.SSLError):
                self.event_queue.put("Evt17")
        else:
            evt.trigger(self.assoc, evt.EVT_DATA_SENT, {"data": bytestream})

    def _fill(self, sock: socket.socket) -> None:
        try:
            piece = sock.recv(PIECE_BYTES)
        except (ssl.SSLWantReadError, TimeoutError):
            raise
        except OSError as error:
            self.failure = error
            raise
        self._is_at_end = not piece
        self.first_bytes = self.first_bytes or piece[:8]
        self._buffer += piece

    def _open_socket(self) -> socket.socket:
        if self.socket is None:
            raise OSError("the connection is closed")
        return self.socket

    def _shutdown_socket(self) -> None:
        sock = self.socket
        if isinstance(sock, ssl.SSLSocket):
            with suppress(OSError, ValueError):  # an end that has been said is no attack (RFC 8446 section 6.1)
                sock.settimeout(0)
                sock.unwrap()
        super()._shutdown_socket()
