"""The header of an object: the attributes that describe it, read without its content and its pixels."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shared.dicom.dataset import DataSet
from shared.dicom.part10 import Part10, open_part10
from shared.errors import UnreadableObject

CONTENT_SEQUENCE = 0x0040A730
PIXEL_DATA = 0x7FE00008
"""The first of the elements that hold pixels: Float, Double Float and integer Pixel Data."""
CONCEPT_NAME_CODE_SEQUENCE = 0x0040A043
MAX_INFLATED_HEADER = 2**19
"""The most bytes of a deflated header: reading a header does not inflate what comes after them."""


class Code(NamedTuple):
    """A coded entry (PS3.3 section 8): Code Value, Coding Scheme Designator, Code Meaning; absent ones empty."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHeader:
    """Header attributes of one object; absent and empty ones are None. Dates and times are as written.

    The fields of the file meta information record the reception (PS3.10 section 7.1): `source_ae_title` (0002,0016),
    `receiving_ae_title` (0002,0018), `source_presentation_address` (0002,0026), `private_information` (0002,0102) with
    its creator (0002,0100).
    """

    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None
    transfer_syntax_uid: str | None = None
    modality: str | None = None
    manufacturer: str | None = None
    manufacturer_model_name: str | None = None
    station_name: str | None = None
    series_description: str | None = None
    study_date: str | None = None
    study_time: str | None = None
    image_type: tuple[str, ...] = ()
    title_code: Code | None = None
    source_ae_title: str | None = None
    receiving_ae_title: str | None = None
    source_presentation_address: str | None = None
    private_information_creator: str | None = None
    private_information: bytes = b""


@contextmanager
def mapped_file(path: Path) -> Iterator[mmap.mmap]:
    """Map a file for reading, so that only what is looked at is read.

    Raises:
        OSError: as opening the file does.
        UnreadableObject: for an empty file.
    """
    with path.open("rb") as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise UnreadableObject("not a DICOM file: it is empty") from error
        with mapped:
            yield mapped


def read_header(path: Path) -> ObjectHeader:
    """Read the header of a DICOM file up to its SR content or pixel data.

    Raises:
        OSError: when the file cannot be read.
        UnreadableObject: when it is not a DICOM object, with the reason in words, or when its data set is deflated and
            the header of more than `MAX_INFLATED_HEADER` bytes.
    """
    with mapped_file(path) as data:
        part10 = open_part10(data, inflate_at_most=MAX_INFLATED_HEADER)
        if part10.whole:
            return object_header(part10, read_attributes(part10))
        too_long = f"the header of the deflated data set is longer than {MAX_INFLATED_HEADER} bytes"
        try:
            attributes = read_attributes(part10)
        except UnreadableObject as error:
            raise UnreadableObject(f"{too_long}, or broken: {error}") from error
        if not attributes.stopped:
            raise UnreadableObject(too_long)
        return object_header(part10, attributes)


def read_attributes(part10: Part10, stop_before: int = CONTENT_SEQUENCE) -> DataSet:
    """Index the attributes that stand before a tag: the SR content, or PIXEL_DATA.

    Raises:
        UnreadableObject: when they do not fit into the file.
    """
    return DataSet(part10.source, part10.start, part10.end, limit=part10.end, stop_before=stop_before)


def object_header(part10: Part10, attributes: DataSet) -> ObjectHeader:
    """Return the header of an object that has been opened.

    Raises:
        UnreadableObject: when it has no SOP Class UID, which every DICOM object has.
    """
    meta = part10.meta
    sop_class_uid = attributes.first(0x00080016)
    if sop_class_uid is None:
        raise UnreadableObject("not a DICOM object: it has no SOP Class UID")
    title = attributes.first_item(CONCEPT_NAME_CODE_SEQUENCE)
    return ObjectHeader(
        sop_class_uid=sop_class_uid,
        sop_instance_uid=attributes.first(0x00080018),
        study_instance_uid=attributes.first(0x0020000D),
        series_instance_uid=attributes.first(0x0020000E),
        transfer_syntax_uid=part10.transfer_syntax_uid,
        modality=attributes.first(0x00080060),
        manufacturer=attributes.text(0x00080070),
        manufacturer_model_name=attributes.text(0x00081090),
        station_name=attributes.text(0x00081010),
        series_description=attributes.text(0x0008103E),
        study_date=attributes.first(0x00080020),
        study_time=attributes.first(0x00080030),
        image_type=attributes.texts(0x00080008, keep_empty=True),
        title_code=code_of(title) if title else None,
        source_ae_title=meta.text(0x00020016) if meta else None,
        receiving_ae_title=meta.text(0x00020018) if meta else None,
        source_presentation_address=meta.text(0x00020026) if meta else None,
        private_information_creator=meta.text(0x00020100) if meta else None,
        private_information=meta.raw(0x00020102) if meta else b"",
    )


def code_of(item: DataSet) -> Code | None:
    """Return the code of a code sequence item; a long or URN code value stands in for a missing short one."""
    value = item.text(0x00080100) or item.text(0x00080119) or item.text(0x00080120)
    meaning = item.text(0x00080104)
    if value is None and meaning is None:
        return None
    return Code(value or "", item.text(0x00080102) or "", meaning or "")
