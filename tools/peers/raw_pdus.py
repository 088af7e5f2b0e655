"""PDUs as bytes, correct ones and others, for peers that do what no library does."""

import socket
import struct
from collections.abc import Mapping, Sequence

from services.store_scp.node.protocol.command_set import CommandField, Element

SOP_CLASS = "1.2.840.10008.5.1.4.1.1.88.67"
VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
A_RELEASE_RQ = bytes.fromhex("05000000000400000000")
A_RELEASE_RP = bytes.fromhex("06000000000400000000")
A_ABORT = bytes.fromhex("07000000000400000000")
COMMAND, LAST = 1, 2
_UIDS = frozenset(
    (
        Element.AFFECTED_SOP_CLASS_UID,
        Element.REQUESTED_SOP_CLASS_UID,
        Element.AFFECTED_SOP_INSTANCE_UID,
        Element.REQUESTED_SOP_INSTANCE_UID,
    )
)


def associate_rq(
    called_ae_title: str = "DOSEWIRE",
    *,
    calling_ae_title: str = "RAW",
    contexts: Sequence[tuple[str, Sequence[str]]] = ((SOP_CLASS, (IMPLICIT_LITTLE_ENDIAN,)),),
    application_context: str = "1.2.840.10008.3.1.1.1",
    protocol_version: int = 1,
    user_items: bytes = b"",
) -> bytes:
    """Return an A-ASSOCIATE-RQ PDU (PS3.8 section 9.3.2); its presentation contexts have the IDs 1, 3, 5, ..."""
    proposed = b"".join(
        _item(
            0x20,
            bytes((2 * number + 1, 0, 0, 0))
            + _item(0x30, abstract.encode())
            + b"".join(_item(0x40, uid.encode()) for uid in transfer),
        )
        for number, (abstract, transfer) in enumerate(contexts)
    )
    user = _item(0x50, _item(0x51, struct.pack(">I", 16384)) + _item(0x52, b"2.25.1") + user_items)
    titles = called_ae_title.ljust(16).encode() + calling_ae_title.ljust(16).encode()
    fixed = struct.pack(">H2x", protocol_version) + titles + bytes(32)
    return pdu(0x01, fixed + _item(0x10, application_context.encode()) + proposed + user)


def pdu(pdu_type: int, body: bytes) -> bytes:
    """Return a PDU."""
    return struct.pack(">BxI", pdu_type, len(body)) + body


def pdv(context_id: int, control: int, fragment: bytes) -> bytes:
    """Return a presentation data value item."""
    return struct.pack(">IBB", len(fragment) + 2, context_id, control) + fragment


def p_data(*items: bytes) -> bytes:
    """Return a P-DATA-TF PDU of these items."""
    return pdu(0x04, b"".join(items))


def command_set(values: Mapping[Element, int | str]) -> bytes:
    """Return the command set with these values; Command Group Length (0000,0000) is put in front.

    Args:
        values: numbers are encoded as US; texts as UI or AE, padded to even length.
    """
    encoded = {
        element: struct.pack("<H", value) if isinstance(value, int) else _padded(value, uid=element in _UIDS)
        for element, value in values.items()
    }
    body = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in sorted(encoded.items()))
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def store_command(sop_instance_uid: str = "2.25.1", *, others: Mapping[Element, int | str] | None = None) -> bytes:
    """Return the command set of a C-STORE request."""
    values: dict[Element, int | str] = {
        Element.AFFECTED_SOP_CLASS_UID: SOP_CLASS,
        Element.COMMAND_FIELD: CommandField.C_STORE,
        Element.MESSAGE_ID: 7,
        Element.PRIORITY: 0,
        Element.COMMAND_DATA_SET_TYPE: 1,
        Element.AFFECTED_SOP_INSTANCE_UID: sop_instance_uid,
    }
    return command_set(values | dict(others or {}))


def store_message(data_set: bytes, *, sop_instance_uid: str = "2.25.1", fragment_size: int = 16000) -> bytes:
    """Return the P-DATA-TF PDUs of a C-STORE request."""
    starts = range(0, len(data_set), fragment_size)
    pieces = [data_set[start : start + fragment_size] for start in starts]
    command = p_data(pdv(1, COMMAND | LAST, store_command(sop_instance_uid)))
    return command + b"".join(
        p_data(pdv(1, LAST if number == len(pieces) else 0, piece)) for number, piece in enumerate(pieces, start=1)
    )


def echo_message() -> bytes:
    """Return the P-DATA-TF PDU of a C-ECHO request."""
    values = {Element.COMMAND_FIELD: CommandField.C_ECHO, Element.MESSAGE_ID: 1, Element.COMMAND_DATA_SET_TYPE: 0x0101}
    return p_data(pdv(1, COMMAND | LAST, command_set({Element.AFFECTED_SOP_CLASS_UID: VERIFICATION, **values})))


def receive_pdu(connection: socket.socket) -> tuple[int, bytes]:
    """Read a whole PDU; returns its type and body, (0, b"") when the peer has closed the connection."""
    header = _receive(connection, 6)
    if len(header) < 6:
        return 0, b""
    pdu_type, length = struct.unpack(">BxI", header)
    return pdu_type, _receive(connection, length)


def status_of(body: bytes) -> int:
    """Return the status (0000,0900) in the body of a P-DATA-TF PDU that carries a response."""
    position = body.index(b"\0\0\0\x09\2\0\0\0")
    return int.from_bytes(body[position + 8 : position + 10], "little")


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def _padded(text: str, *, uid: bool) -> bytes:
    encoded = text.encode("ascii")
    return encoded + (b"\0" if uid else b" ") if len(encoded) % 2 else encoded


def _receive(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count and (piece := connection.recv(count - len(received))):
        received += piece
    return received
