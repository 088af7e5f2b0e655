"""The connection of an association: a socket, plain or with TLS, with time limits for the peer."""

import select
import socket
import ssl
import struct
import time

SHORT_WAIT_SECONDS = 0.2
"""Seconds that a read waits in the kernel at once; a longer wait is announced first, so that memory can be freed."""
_TIMEVAL = struct.Struct("@ll")


class Silent(OSError):
    """The peer has sent nothing for as long as it may."""


class NothingSaid(ConnectionError):
    """The peer has closed the connection before it sent anything."""


class Transport:
    """A connected socket without TLS. One thread reads and writes; `stop_reading` may come from another one."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._limit_waits()

    def open(self, *, seconds: float) -> None:
        """Do what has to be done before the first PDU.

        Args:
            seconds: how long the peer may be silent meanwhile.

        Raises:
            OSError: it failed.
        """

    def receive_now(self, into: memoryview) -> int:
        """Read what is there, waiting for `SHORT_WAIT_SECONDS` at most; returns the number of bytes, 0 at the end.

        Raises:
            BlockingIOError: nothing has come.
            OSError: the connection failed.
        """
        count = self._socket.recv_into(into)
        # A sender that writes header and body apart, with Nagle on, waits for our delayed acknowledgement
        # (40 ms) each time. The kernel leaves this mode by itself, so it is set again after each read.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return count

    def wait(self, seconds: float) -> None:
        """Wait until there is something to read.

        Raises:
            Silent: there was nothing for `seconds`.
        """
        poll = select.poll()  # `select` fails at descriptor 1024
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(max(seconds, 0.0) * 1000):
            raise Silent(f"nothing came for {seconds:g} seconds")

    def send(self, content: bytes) -> None:
        """Send all of `content`.

        Raises:
            OSError: the connection failed, or the peer does not read.
        """
        self._socket.sendall(content)

    def stop_reading(self) -> None:
        """Make the thread that reads see the end of the connection now."""
        try:
            socket.socket.shutdown(self._socket, socket.SHUT_RD)  # that of TLS would forget the session
        except OSError:
            return  # it has ended already

    def close(self, *, lingering_seconds: float = 0.0) -> None:
        """Close the connection.

        Args:
            lingering_seconds: how long to wait for the peer to close first. A socket that is closed while the peer
                still sends is reset, and the peer may then never see our last PDU.
        """
        try:
            if lingering_seconds:
                self._socket.shutdown(socket.SHUT_WR)
                self._drain(time.monotonic() + lingering_seconds)
        except OSError:
            pass  # the peer was faster
        finally:
            self._socket.close()

    def _drain(self, deadline: float) -> None:
        waste = memoryview(bytearray(65536))
        while (left := deadline - time.monotonic()) > 0:
            self.wait(left)
            if not self._socket.recv_into(waste):
                return

    def _limit_waits(self) -> None:
        """Let the kernel end reads and writes: a time-out of Python's costs a call of its own each time."""
        self._socket.setblocking(True)
        for option, seconds in ((socket.SO_RCVTIMEO, SHORT_WAIT_SECONDS), (socket.SO_SNDTIMEO, 60.0)):
            whole, part = divmod(seconds, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(int(whole), int(part * 1_000_000)))


class TlsTransport(Transport):
    """A connected socket with TLS; `open` does the handshake.

    Args:
        connection: the TCP connection.
        context: the node's side of TLS.
    """

    def __init__(self, connection: socket.socket, *, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(connection)

    def open(self, *, seconds: float) -> None:
        """Do the TLS handshake.

        Raises:
            Silent: the peer has not sent a single byte in time.
            NothingSaid: nor has it before it closed the connection, as port checks do.
            OSError: the handshake failed (`ssl.SSLError` is one).
        """
        self._socket.settimeout(seconds)
        try:
            first = self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError as error:
            raise Silent(f"nothing came for {seconds:g} seconds") from error
        except ConnectionError as error:
            raise NothingSaid(*error.args) from error
        if not first:
            raise NothingSaid("the connection was closed without a word")
        secured = self._context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        self._socket = secured
        secured.do_handshake()
        secured.settimeout(SHORT_WAIT_SECONDS)

    def receive_now(self, into: memoryview) -> int:
        """Read as `Transport.receive_now` does."""
        try:
            return self._socket.recv_into(into)
        except (TimeoutError, ssl.SSLWantReadError) as error:
            raise BlockingIOError from error

    def _limit_waits(self) -> None:
        self._socket.settimeout(SHORT_WAIT_SECONDS)

    def send(self, content: bytes) -> None:
        """Send as `Transport.send` does."""
        self._socket.settimeout(60.0)
        try:
            self._socket.sendall(content)
        finally:
            self._socket.settimeout(SHORT_WAIT_SECONDS)
