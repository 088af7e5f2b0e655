"""A Storage SCU whose PDUs are encoded in advance, so that it uses little time of its own."""

import os
import socket
import struct
from typing import Self

from tools.peers.raw_pdus import (
    A_RELEASE_RQ,
    COMMAND,
    IMPLICIT_LITTLE_ENDIAN,
    LAST,
    SOP_CLASS,
    VERIFICATION,
    associate_rq,
    echo_message,
    p_data,
    pdv,
    receive_pdu,
    status_of,
    store_command,
)

HOST = "127.0.0.1"
SUCCESS = 0x0000
FRAGMENT_BYTES = 16_000
"""The length of fragments that every peer accepts."""
_ACCEPTED, _RELEASED, _P_DATA = 0x02, 0x06, 0x04
_HEADER_BYTES = 6
_UID_DIGITS = 39
_PLACEHOLDER = "2.25." + "7" * _UID_DIGITS


class UnexpectedAnswer(Exception):
    """The peer gave an unexpected answer, or closed the connection."""


class Payload:
    """An object to be sent many times, each time with a new SOP Instance UID.

    Args:
        size: of its data set, in bytes.
        fragment_bytes: the length of the fragments.
    """

    def __init__(self, *, size: int, fragment_bytes: int = FRAGMENT_BYTES) -> None:
        self.size = size
        pixels = os.urandom(size - 12 - size % 2)
        self.data_set = struct.pack("<HHI", 0x7FE0, 0x0010, len(pixels)) + pixels + bytes(size - 8 - len(pixels))
        pieces = [self.data_set[start : start + fragment_bytes] for start in range(0, size, fragment_bytes)]
        self._data = b"".join(
            p_data(pdv(1, LAST if number == len(pieces) else 0, piece)) for number, piece in enumerate(pieces, start=1)
        )
        command = p_data(pdv(1, COMMAND | LAST, store_command(_PLACEHOLDER)))
        self._before, self._after = command.split(_PLACEHOLDER.encode())

    def message(self, number: int) -> bytes:
        """Return the PDUs of a C-STORE request."""
        return b"".join((self._before, sop_instance_uid(number).encode(), self._after, self._data))


def sop_instance_uid(number: int) -> str:
    """Return the SOP Instance UID of an object; all are equally long."""
    return f"2.25.1{number:0{_UID_DIGITS - 1}}"


class Client:
    """An open association. A context manager; it is released at the end, unless something went wrong.

    Args:
        port: the server's, on loopback.
        called: the called AE title.
        calling: the calling AE title.
        verification: True: for C-ECHO instead of C-STORE.
        nagle: True: like many scanners, it sends header and body of a PDU apart, with Nagle's algorithm.
        timeout: for an answer, in seconds.

    Raises:
        UnexpectedAnswer: it was not accepted.
        OSError: the connection failed.
    """

    def __init__(
        self,
        *,
        port: int,
        called: str,
        calling: str = "BENCH",
        verification: bool = False,
        nagle: bool = False,
        timeout: float = 60.0,
    ) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, not nagle)
        self._send = self._send_in_two if nagle else self.socket.sendall
        abstract_syntax = VERIFICATION if verification else SOP_CLASS
        contexts = [(abstract_syntax, [IMPLICIT_LITTLE_ENDIAN])]
        self.socket.sendall(associate_rq(called, calling_ae_title=calling, contexts=contexts))
        self.maximum_length = _maximum_length(self._expect(_ACCEPTED))
        """Of the PDUs that the peer receives, in bytes; 0: no limit."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        with self.socket:
            if kind is None:
                self.socket.sendall(A_RELEASE_RQ)
                self._expect(_RELEASED)

    def store(self, message: bytes) -> int:
        """Send a C-STORE request; returns the status of its response."""
        self._send(message)
        return status_of(self._expect(_P_DATA))

    def echo(self) -> int:
        """Send a C-ECHO request; returns the status of its response."""
        self.socket.sendall(echo_message())
        return status_of(self._expect(_P_DATA))

    def _send_in_two(self, message: bytes) -> None:
        rest = memoryview(message)
        while rest:
            body_length = int.from_bytes(rest[2:_HEADER_BYTES], "big")
            self.socket.sendall(rest[:_HEADER_BYTES])
            self.socket.sendall(rest[_HEADER_BYTES : _HEADER_BYTES + body_length])
            rest = rest[_HEADER_BYTES + body_length :]

    def _expect(self, expected: int) -> bytes:
        pdu_type, body = receive_pdu(self.socket)
        if pdu_type != expected:
            self.socket.close()
            raise UnexpectedAnswer(f"a PDU of type {pdu_type} came, not {expected}" if pdu_type else "closed")
        return body


def _maximum_length(acceptance: bytes) -> int:
    """Return the Maximum Length item in the body of an A-ASSOCIATE-AC (PS3.8 annex D.1)."""
    position = acceptance.rfind(b"\x51\0\0\x04")
    return int.from_bytes(acceptance[position + 4 : position + 8], "big") if position >= 0 else 0
