"""A relay between a DICOM client and a server that remembers what the client has sent."""

import socket
import struct
import threading
from contextlib import suppress

from tools.stack.ports import LOOPBACK

_COMMAND, _LAST = 1, 2
_P_DATA_TF = 0x04


class Wiretap:
    """Relays connections to a port on loopback. A context manager.

    Args:
        target: the server's port.
    """

    def __init__(self, *, target: int) -> None:
        self._target = target
        self._listening = socket.create_server((LOOPBACK, 0))
        self._sent: list[bytearray] = []
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> "Wiretap":
        threading.Thread(target=self._accept, name="wiretap", daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def data_sets(self) -> list[bytes]:
        """Return the data sets of the messages that clients have sent, byte by byte, a connection after the other."""
        return [data_set for stream in self._sent for data_set in _data_sets(bytes(stream))]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection((LOOPBACK, self._target))
                recorded = bytearray()
                self._sent.append(recorded)
                for source, sink, record in ((client, server, recorded), (server, client, None)):
                    threading.Thread(target=_pump, args=(source, sink, record), name="wiretap", daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, recorded: bytearray | None) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            if recorded is not None:
                recorded += piece
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
    if recorded is None:  # the server has spoken its last word
        for end in (source, sink):
            end.close()


def _data_sets(stream: bytes) -> list[bytes]:
    """Put the data sets together from the PDUs that carry them (PS3.8 annex E)."""
    found: list[bytes] = []
    current = b""
    while stream:
        pdu_type, length = struct.unpack_from(">BxI", stream)
        items, stream = stream[6 : 6 + length], stream[6 + length :]
        while pdu_type == _P_DATA_TF and items:
            item_length, _, control = struct.unpack_from(">IBB", items)
            fragment, items = items[6 : 4 + item_length], items[4 + item_length :]
            if control & _COMMAND:
                continue
            current += fragment
            if control & _LAST:
                found.append(current)
                current = b""
    return found
