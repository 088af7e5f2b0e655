"""Reports of thousands of irradiation events: one event is encoded, and its bytes are repeated."""

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from tools.dose_objects.study import write

EVENT_CODE = "113706"
"""Irradiation Event X-Ray Data (PS3.16 TID 10003)."""
_EVENT_UID_CODE = "113769"
_PREFIX = "2.25.1234567890."
_DIGITS = 8
_SEQUENCE = bytes.fromhex("4000 30a7") + b"SQ\0\0" + b"\xff\xff\xff\xff"
_END_OF_SEQUENCE = bytes.fromhex("feff dde0 00000000")
_ITEM = bytes.fromhex("feff 00e0")


def write_large(report: Dataset, path: Path, *, events: int) -> Path:
    """Write a projection report with its first event repeated `events` times, each under a UID of its own.

    The totals stay those of `report`. Explicit VR Little Endian, Content Sequence of undefined length.
    """
    items = list(report.ContentSequence)
    first = next(item for item in items if _code(item) == EVENT_CODE)
    uid = next(item for item in first.ContentSequence if _code(item) == _EVENT_UID_CODE)
    uid.UID = _event_uid(0)
    template = _encoded(first)
    content = b"".join(_encoded(item) for item in items if _code(item) != EVENT_CODE)
    content += b"".join(
        template.replace(_event_uid(0).encode(), _event_uid(number).encode()) for number in range(events)
    )
    report.ContentSequence = Sequence()
    head = write(report, path).read_bytes()
    empty = bytes.fromhex("4000 30a7") + b"SQ\0\0" + bytes(4)
    if head.count(empty) != 1:
        raise ValueError("the report's own Content Sequence is not found")
    path.write_bytes(head.replace(empty, _SEQUENCE + content + _END_OF_SEQUENCE))
    return path


def _event_uid(number: int) -> str:
    return f"{_PREFIX}1{number:0{_DIGITS}}"


def _code(item: Dataset) -> str | None:
    names = item.get("ConceptNameCodeSequence")
    return str(names[0].CodeValue) if names else None


def _encoded(item: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, item)
    value = buffer.getvalue()
    return _ITEM + len(value).to_bytes(4, "little") + value
