"""The content tree of a report as pydicom reads it, in the form of our own reader's nodes."""

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from services.importer.extract.content_tree import ContentItem
from shared.dicom.header import Code

_TEXT_KEYWORDS = ("TextValue", "UID", "PersonName", "DateTime", "Date", "Time")


def pydicom_tree(item: Dataset) -> ContentItem:
    """Return a content item with everything below it."""
    measured = _first(item, "MeasuredValueSequence")
    return ContentItem(
        relationship=_text(item, "RelationshipType") or "",
        value_type=_text(item, "ValueType") or "",
        concept=_code(_first(item, "ConceptNameCodeSequence")),
        text=_value(item),
        code=_code(_first(item, "ConceptCodeSequence")),
        numbers=_numbers(measured) if measured is not None else (),
        units=_code(_first(measured, "MeasurementUnitsCodeSequence")) if measured is not None else None,
        qualifier=_code(_first(item, "NumericValueQualifierCodeSequence")),
        children=tuple(pydicom_tree(child) for child in item.get("ContentSequence", None) or ()),
    )


def _first(item: Dataset, keyword: str) -> Dataset | None:
    sequence = item.get(keyword, None)
    return sequence[0] if sequence else None


def _text(item: Dataset, keyword: str) -> str | None:
    if keyword not in item or item[keyword].value is None:
        return None
    return str(item[keyword].value).strip(" \0\r\n\t") or None


def _value(item: Dataset) -> str | None:
    reference = _first(item, "ReferencedSOPSequence")
    if reference is not None:
        return _text(reference, "ReferencedSOPInstanceUID")
    return next((text for keyword in _TEXT_KEYWORDS if (text := _text(item, keyword))), None)


def _code(item: Dataset | None) -> Code | None:
    if item is None:
        return None
    value, meaning = _text(item, "CodeValue"), _text(item, "CodeMeaning")
    if value is None and meaning is None:
        return None
    return Code(value or "", _text(item, "CodingSchemeDesignator") or "", meaning or "")


def _numbers(measured: Dataset) -> tuple[str, ...]:
    value = measured.get("NumericValue", None)
    values = value if isinstance(value, MultiValue) else [value]
    return tuple(_written(number) for number in values if number not in (None, ""))


def _written(number: object) -> str:
    return str(getattr(number, "original_string", number)).strip(" \0")
