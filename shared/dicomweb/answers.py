"""A reader of answers in the DICOM JSON Model (PS3.18 annex F). A bad element costs that element alone.

Only the values that answers to a query hold are read: texts and numbers of the outermost level, no sequences and no
bulk data.
"""

import json
import re

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

TEXTS = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"})
NUMBERS = frozenset({"IS", "DS"})
_TAG = re.compile(r"[0-9A-Fa-f]{8}")


def read_answers(body: bytes) -> list[Dataset | None]:
    """Return the answers in their order; None: one that cannot be decoded.

    Raises:
        ValueError: this is not an array in JSON.
    """
    if not body.strip():
        return []
    try:
        answers = json.loads(body)
    except (ValueError, RecursionError):
        answers = None
    if not isinstance(answers, list):
        raise ValueError("is no array in JSON")  # noqa: TRY004 (what comes from a peer is a wrong value)
    return [_data_set(answer) if isinstance(answer, dict) else None for answer in answers]


def _data_set(answer: dict[str, object]) -> Dataset:
    data_set = Dataset()
    for name, attribute in answer.items():
        element = _element(name, attribute)
        if element is not None:
            data_set[element.tag] = element
    return data_set


def _element(name: str, attribute: object) -> DataElement | None:
    """Return an element with the VR that its tag has in the standard, whatever the answer says; None: it has none."""
    tag = int(name, 16) if _TAG.fullmatch(name) else tag_for_keyword(name)
    if tag is None or not isinstance(attribute, dict):
        return None
    values = attribute.get("Value")
    if not isinstance(values, list):
        return None
    try:
        vr = dictionary_VR(tag)
        if vr not in TEXTS | NUMBERS:
            return None
        texts = [text for value in values if (text := _text(value)) is not None]
        value = texts[0] if len(texts) == 1 else texts
        return DataElement(tag, vr, value, validation_mode=IGNORE) if texts else None
    except (KeyError, ValueError, TypeError, OverflowError):  # not in the dictionary; no number where one should be
        return None


def _text(value: object) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return None
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case {"Alphabetic": str(name)}:
            return name
        case _:
            return None
