"""The PDUs of the DICOM upper layer protocol (PS3.8 section 9.3) that a Store SCP writes itself, as bytes."""

import struct
from enum import IntEnum

HEADER = struct.Struct(">BxI")
"""PDU type and the length of what follows (PS3.8 section 9.3.1)."""
PDV_HEADER = struct.Struct(">IBB")
"""Item length, presentation context ID, message control header (PS3.8 section 9.3.5.1 and annex E.2)."""
COMMAND = 0x01
"""Bit of the message control header: the fragment belongs to a command set, otherwise to a data set."""
LAST = 0x02
"""Bit of the message control header: the last fragment."""
MAXIMUM_LENGTH = 1024 * 1024
"""No PDU may be longer: an A-ASSOCIATE-RQ with 128 contexts of every transfer syntax has some 300 kB."""
MAXIMUM_LENGTH_RECEIVED = 128 * 1024
"""The maximum length that we offer. Senders with Nagle's algorithm are far faster if a report fits into one PDU."""


class PduType(IntEnum):
    """PDU types (PS3.8 section 9.3.1)."""

    A_ASSOCIATE_RQ = 0x01
    A_ASSOCIATE_AC = 0x02
    A_ASSOCIATE_RJ = 0x03
    P_DATA_TF = 0x04
    A_RELEASE_RQ = 0x05
    A_RELEASE_RP = 0x06
    A_ABORT = 0x07


class AbortReason(IntEnum):
    """Reasons of an A-ABORT of the service provider (PS3.8 table 9-26)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PARAMETER = 4
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER = 6


class ProtocolFault(Exception):
    """The peer has broken the upper layer protocol: its association is aborted, for this reason and in words."""

    def __init__(self, reason: AbortReason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


_FOUR_BYTES = struct.Struct(">BxIxBBB")
A_RELEASE_RP = _FOUR_BYTES.pack(PduType.A_RELEASE_RP, 4, 0, 0, 0)
USER_ABORT = _FOUR_BYTES.pack(PduType.A_ABORT, 4, 0, 0, 0)


def a_associate_rj(*, result: int, source: int, reason: int) -> bytes:
    """Return an A-ASSOCIATE-RJ (PS3.8 table 9-21)."""
    return _FOUR_BYTES.pack(PduType.A_ASSOCIATE_RJ, 4, result, source, reason)


def a_abort(reason: AbortReason) -> bytes:
    """Return an A-ABORT of the service provider."""
    return _FOUR_BYTES.pack(PduType.A_ABORT, 4, 0, 2, reason)


def p_data(context_id: int, fragment: bytes, *, control: int, maximum_length: int) -> bytes:
    """Return the P-DATA-TF PDUs that carry a command set or a data set.

    Args:
        context_id: the presentation context ID.
        fragment: the encoded command set or data set.
        control: `COMMAND` or 0.
        maximum_length: of a PDU, as the peer has asked for; 0: no limit.
    """
    room = max(maximum_length - PDV_HEADER.size, 1) if maximum_length else len(fragment) or 1
    pdus = []
    for start in range(0, len(fragment), room):
        piece = fragment[start : start + room]
        flags = control | (LAST if start + room >= len(fragment) else 0)
        pdus.append(HEADER.pack(PduType.P_DATA_TF, len(piece) + 6))
        pdus.append(PDV_HEADER.pack(len(piece) + 2, context_id, flags))
        pdus.append(piece)
    return b"".join(pdus)
