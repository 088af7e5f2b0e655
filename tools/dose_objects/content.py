"""Content items of a structured report, with the relationship types that PS3.16 gives them."""

from collections.abc import Sequence as Items
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code

YES = Code("373066001", "SCT", "Yes")
NO = Code("373067005", "SCT", "No")

CONTAINS = "CONTAINS"
HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
HAS_PROPERTIES = "HAS PROPERTIES"


def dcm(value: str, meaning: str) -> Code:
    """A concept of PS3.16 annex D."""
    return Code(value, "DCM", meaning)


def sct(value: str, meaning: str) -> Code:
    """A concept of SNOMED CT."""
    return Code(value, "SCT", meaning)


def container(concept: Code, children: Items[Dataset], *, relationship: str = CONTAINS) -> Dataset:
    """A CONTAINER item."""
    item = _item("CONTAINER", concept, relationship, children)
    item.ContinuityOfContent = "SEPARATE"
    return item


def num(concept: Code, value: float, unit: str, unit_meaning: str | None = None) -> Dataset:
    """A NUM item; `unit` is a UCUM code."""
    item = _item("NUM", concept, CONTAINS)
    measured = Dataset()
    measured.NumericValue = decimal_string(value)
    measured.MeasurementUnitsCodeSequence = Sequence([_code(Code(unit, "UCUM", unit_meaning or unit))])
    item.MeasuredValueSequence = Sequence([measured])
    return item


def code(concept: Code, value: Code, *children: Dataset, relationship: str = CONTAINS) -> Dataset:
    """A CODE item."""
    item = _item("CODE", concept, relationship, children)
    item.ConceptCodeSequence = Sequence([_code(value)])
    return item


def text(concept: Code, value: str, *, relationship: str = CONTAINS) -> Dataset:
    """A TEXT item."""
    item = _item("TEXT", concept, relationship)
    item.TextValue = value
    return item


def uidref(concept: Code, value: str, *, relationship: str = CONTAINS) -> Dataset:
    """A UIDREF item."""
    item = _item("UIDREF", concept, relationship)
    item.UID = value
    return item


def moment(concept: Code, value: datetime) -> Dataset:
    """A DATETIME item."""
    item = _item("DATETIME", concept, CONTAINS)
    item.DateTime = value.strftime("%Y%m%d%H%M%S.%f")
    return item


def person(concept: Code, value: str, *children: Dataset) -> Dataset:
    """A PNAME item."""
    item = _item("PNAME", concept, CONTAINS, children)
    item.PersonName = value
    return item


def decimal_string(value: float) -> str:
    """A number as DS allows it: 16 characters at most, six significant digits."""
    return f"{value:.6g}"


def _item(value_type: str, concept: Code, relationship: str, children: Items[Dataset] = ()) -> Dataset:
    item = Dataset()
    item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = Sequence([_code(concept)])
    if children:
        item.ContentSequence = Sequence(children)
    return item


def _code(concept: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = concept.value
    item.CodingSchemeDesignator = concept.scheme_designator
    item.CodeMeaning = concept.meaning
    return item
