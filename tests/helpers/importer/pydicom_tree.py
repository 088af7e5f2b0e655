"""The content tree of a report as pydicom reads it, in the form of our own reader's nodes.

pydicom is told, through its own hooks, what our reader does on purpose: the tag of an attribute says what it is, not
the VR that somebody wrote; a text has one value, whatever backslashes are in it; and decimal strings stay as they are
written, for what is wrong with one concerns that one only.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.hooks import hooks, raw_element_vr
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from services.importer.extract.fields.content_tree import ContentItem
from shared.dicom.header import Code

_TEXT_VALUES = frozenset((0x0040A120, 0x0040A121, 0x0040A122, 0x0040A123, 0x0040A124, 0x0040A160))
_CODE_VALUES = ("CodeValue", "LongCodeValue", "URNCodeValue")
_SEQUENCES = (
    *("ContentSequence", "ConceptNameCodeSequence", "ConceptCodeSequence", "MeasuredValueSequence"),
    *("MeasurementUnitsCodeSequence", "NumericValueQualifierCodeSequence", "ReferencedSOPSequence"),
)
_READ_AS_TEXT = frozenset(
    (
        *(0x00080100, 0x00080102, 0x00080104, 0x00080119, 0x00080120, 0x00081155),
        *(0x0040A120, 0x0040A121, 0x0040A122, 0x0040A124, 0x0040A160),
    )
)
_READ_BY_TAG = frozenset(
    (
        *(0x00080005, 0x00081199, 0x004008EA, 0x0040A010, 0x0040A040, 0x0040A043, 0x0040A123, 0x0040A168),
        *(0x0040A300, 0x0040A301, 0x0040A30A, 0x0040A730),
    )
)


def pydicom_tree(data: bytes) -> ContentItem:
    """Return the root content item of a file with everything below it; whatever pydicom raises goes through."""
    with _told_by_tags(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom on values that break the rules of their VR
        return _content_item(dcmread(BytesIO(data)))


def switches_to_implicit(data: bytes) -> bool:
    """Whether pydicom takes an item for one in implicit VR where the data set is in explicit VR.

    It does so for the whole item when the first element has no VR; ours, for each element that has none.
    """
    with _told_by_tags(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(BytesIO(data))
        return not dataset.original_encoding[0] and any(item.original_encoding[0] for item in _below(dataset))


def _below(item: Dataset) -> Iterator[Dataset]:
    for keyword in _SEQUENCES:
        for inner in _items(item, keyword):
            yield inner
            yield from _below(inner)


@contextmanager
def _told_by_tags() -> Iterator[None]:
    hooks.register_callback("raw_element_vr", _vr)
    try:
        yield
    finally:
        hooks.register_callback("raw_element_vr", raw_element_vr)


def _vr(raw: RawDataElement, data: dict[str, Any], **arguments: Any) -> None:
    if raw.tag in _READ_AS_TEXT:
        data["VR"] = "UT"
    elif raw.tag in _READ_BY_TAG:
        data["VR"] = "CS" if raw.tag == 0x0040A30A else dictionary_VR(raw.tag)
    else:
        raw_element_vr(raw, data, **arguments)


def _content_item(item: Dataset) -> ContentItem:
    measured = _first(item, "MeasuredValueSequence")
    return ContentItem(
        relationship=_ascii(item, "RelationshipType").upper(),
        value_type=_ascii(item, "ValueType").upper(),
        concept=_code(_first(item, "ConceptNameCodeSequence")),
        text=_value(item),
        code=_code(_first(item, "ConceptCodeSequence")),
        numbers=_numbers(measured) if measured is not None else (),
        units=_code(_first(measured, "MeasurementUnitsCodeSequence")) if measured is not None else None,
        qualifier=_code(_first(item, "NumericValueQualifierCodeSequence")),
        children=tuple(_content_item(child) for child in _items(item, "ContentSequence")),
    )


def _items(item: Dataset, keyword: str) -> Sequence | tuple[()]:
    return item.get(keyword, None) or ()


def _first(item: Dataset, keyword: str) -> Dataset | None:
    return next(iter(_items(item, keyword)), None)


def _raw(item: Dataset, keyword: str) -> str | None:
    """Return a value of text as it stands in the file: backslashes are not ours to judge."""
    if keyword not in item or item[keyword].value is None:
        return None
    value = item[keyword].value
    return "\\".join(map(str, value)) if isinstance(value, MultiValue | list) else str(value)


def _text(item: Dataset, keyword: str) -> str | None:
    return (_raw(item, keyword) or "").strip(" \0\r\n\t").replace("\0", " ") or None


def _ascii(item: Dataset, keyword: str) -> str:
    return (_raw(item, keyword) or "").encode("latin-1").decode("ascii", "replace").strip(" \0")


def _value(item: Dataset) -> str | None:
    """Return the value of the text attribute that stands last; an item has one by rights."""
    text = None
    for tag in item.keys():  # noqa: SIM118 (not in the order of tags)
        if tag == 0x00081199 and (reference := _first(item, "ReferencedSOPSequence")) is not None:
            text = _text(reference, "ReferencedSOPInstanceUID")
        elif tag in _TEXT_VALUES:
            text = _text(item, item[tag].keyword)
    return text


def _code(item: Dataset | None) -> Code | None:
    if item is None:
        return None
    value = next((text for keyword in _CODE_VALUES if (text := _text(item, keyword))), None)
    meaning = _text(item, "CodeMeaning")
    if value is None and meaning is None:
        return None
    return Code(value or "", _text(item, "CodingSchemeDesignator") or "", meaning or "")


def _numbers(measured: Dataset) -> tuple[str, ...]:
    values = (value.strip(" \0") for value in _ascii(measured, "NumericValue").split("\\"))
    return tuple(value for value in values if value)
