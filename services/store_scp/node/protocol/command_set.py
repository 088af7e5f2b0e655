"""The command sets of DIMSE messages (PS3.7 section 6.3.1): Implicit VR Little Endian, group 0000."""

import struct
from enum import IntEnum

_ELEMENT = struct.Struct("<HHI")
_GROUP_LENGTH = struct.Struct("<HHII")
_US = struct.Struct("<H")

_RESPONSE = struct.Struct("<" + "HHIH" * 4)

NO_DATA_SET = 0x0101
"""The value of Command Data Set Type (0000,0800) that says that no data set follows."""
IS_RESPONSE = 0x8000
"""The bit of Command Field (0000,0100) that responses have."""


class Element(IntEnum):
    """Element numbers of group 0000 (PS3.7 annex E.1)."""

    AFFECTED_SOP_CLASS_UID = 0x0002
    REQUESTED_SOP_CLASS_UID = 0x0003
    COMMAND_FIELD = 0x0100
    MESSAGE_ID = 0x0110
    MESSAGE_ID_BEING_RESPONDED_TO = 0x0120
    PRIORITY = 0x0700
    COMMAND_DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    ERROR_COMMENT = 0x0902
    AFFECTED_SOP_INSTANCE_UID = 0x1000
    REQUESTED_SOP_INSTANCE_UID = 0x1001
    ACTION_TYPE_ID = 0x1008
    EVENT_TYPE_ID = 0x1002
    MOVE_ORIGINATOR_AE_TITLE = 0x1030
    MOVE_ORIGINATOR_MESSAGE_ID = 0x1031


class CommandField(IntEnum):
    """Values of Command Field (0000,0100), requests (PS3.7 annex E.1)."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    C_CANCEL = 0x0FFF
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150


class CommandSet:
    """A command set that has been received."""

    __slots__ = ("_values",)

    def __init__(self, encoded: bytes) -> None:
        """Take the encoded command set apart.

        Raises:
            ValueError: it is not one, with the reason in words.
        """
        self._values: dict[int, bytes] = {}
        position, size = 0, len(encoded)
        while position < size:
            if position + 8 > size:
                raise ValueError("the command set ends within an element")
            group, element, length = _ELEMENT.unpack_from(encoded, position)
            position += 8 + length
            if group or position > size:
                raise ValueError("the command set holds an element of another group, or ends within one")
            self._values[element] = encoded[position - length : position]

    def number(self, element: Element) -> int | None:
        """Return the value of an element of value representation US, None where it is missing or malformed."""
        value = self._values.get(element, b"")
        return int(_US.unpack_from(value)[0]) if len(value) >= 2 else None

    def raw(self, element: Element) -> bytes | None:
        """Return the value of an element as it came, None where it is missing."""
        return self._values.get(element)

    def text(self, element: Element) -> str | None:
        """Return the value of an element of value representation UI or AE without its padding, None where missing."""
        value = self._values.get(element)
        return value.rstrip(b"\0 ").decode("ascii", errors="replace").strip() if value else None

    @property
    def has_data_set(self) -> bool:
        """Whether a data set follows."""
        return self.number(Element.COMMAND_DATA_SET_TYPE) != NO_DATA_SET


def response_to(request: CommandSet, status: int, *, comment: str = "") -> bytes:
    """Return the command set of a response without a data set.

    It repeats the SOP class and SOP instance UID as they came, where they are not longer than a UID may be.
    """
    sop_class = request.raw(Element.AFFECTED_SOP_CLASS_UID) or request.raw(Element.REQUESTED_SOP_CLASS_UID)
    instance = request.raw(Element.AFFECTED_SOP_INSTANCE_UID) or request.raw(Element.REQUESTED_SOP_INSTANCE_UID)
    numbers = _RESPONSE.pack(
        *(0, Element.COMMAND_FIELD, 2, (request.number(Element.COMMAND_FIELD) or 0) | IS_RESPONSE),
        *(0, Element.MESSAGE_ID_BEING_RESPONDED_TO, 2, request.number(Element.MESSAGE_ID) or 0),
        *(0, Element.COMMAND_DATA_SET_TYPE, 2, NO_DATA_SET),
        *(0, Element.STATUS, 2, status),
    )
    body = b"".join(
        (
            _repeated(Element.AFFECTED_SOP_CLASS_UID, sop_class),
            numbers,
            _element(Element.ERROR_COMMENT, _padded(comment[:64])) if comment else b"",
            _repeated(Element.AFFECTED_SOP_INSTANCE_UID, instance),
        )
    )
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def _repeated(element: Element, value: bytes | None) -> bytes:
    return _element(element, value) if value and len(value) <= 64 and len(value) % 2 == 0 else b""


def _element(element: Element, value: bytes) -> bytes:
    return _ELEMENT.pack(0, element, len(value)) + value


def _padded(text: str) -> bytes:
    encoded = text.encode("ascii", errors="replace")
    return encoded + b" " if len(encoded) % 2 else encoded
