"""Short ways to write rows, so that a table reads like the template in PS3.16 that it follows."""

from typing import TypedDict, Unpack

from services.importer.extract.fields.template import Field, Kind, Repeat, Row


class _More(TypedDict, total=False):
    """The further arguments of a `Field`."""

    codes: tuple[str, ...]
    meanings: tuple[str, ...]
    scheme: str | None


def number(name: str, code: str, meaning: str, unit: str | None, **more: Unpack[_More]) -> Field:
    """NUM in `unit`, a key of `units.UNITS`; None for a ratio or an index."""
    return Field(name, code, meaning, Kind.NUMBER, unit, **more)


def numbers(name: str, code: str, meaning: str, unit: str | None, **more: Unpack[_More]) -> Field:
    """NUM that may occur once per pulse."""
    return Field(name, code, meaning, Kind.NUMBER, unit, repeat=Repeat.VALUES, **more)


def count(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """NUM that counts."""
    return Field(name, code, meaning, Kind.COUNT, **more)


def text(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """TEXT, UIDREF or PNAME, or the meaning of a CODE."""
    return Field(name, code, meaning, Kind.TEXT, **more)


def coded(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """CODE (or TEXT in its place) whose code value is worth keeping."""
    return Field(name, code, meaning, Kind.CODE, **more)


def moment(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """DATETIME."""
    return Field(name, code, meaning, Kind.DATETIME, **more)


def flag(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """CODE of CID 230 Yes-No."""
    return Field(name, code, meaning, Kind.FLAG, **more)


def joined(name: str, code: str, meaning: str, **more: Unpack[_More]) -> Field:
    """TEXT or CODE that may occur more than once: the different texts are joined."""
    return Field(name, code, meaning, repeat=Repeat.JOINED, **more)


COMMENT = joined("comment", "121106", "Comment")
REPETITION: tuple[Row, ...] = (
    # TID 10003, TID 10013 and TID 10042
    flag("is_repeated", "128551", "Is Repeated Acquisition"),
    joined("reason_for_repeating", "128552", "Reason for Repeating Acquisition"),
    flag("is_rejected", "130503", "Is Rejected Acquisition"),
    joined("reason_for_rejecting", "130504", "Reason for Rejecting Acquisition"),
)
PERSON_PARTICIPANT = (
    # TID 1020
    joined("person_name", "113870", "Person Name"),
    joined("person_role", "113875", "Person Role in Procedure"),
)


def _device(name: str, code: str, meaning: str) -> Field:
    """TEXT, CODE or UIDREF of a participant: there may be several, of the source and of the detector."""
    return Field(name, code, meaning, repeat=Repeat.FIRST_OF_SEVERAL)


DEVICE_PARTICIPANT = (
    # TID 1021
    _device("device_role", "113876", "Device Role in Procedure"),
    _device("device_name", "113877", "Device Name"),
    _device("device_manufacturer", "113878", "Device Manufacturer"),
    _device("device_model", "113879", "Device Model Name"),
    _device("device_serial_number", "113880", "Device Serial Number"),
    _device("device_observer_uid", "121012", "Device Observer UID"),
)
