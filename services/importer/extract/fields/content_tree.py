"""The content tree of a structured report (PS3.3 section C.17.3) as light immutable nodes.

A real report has 50 to 15,000 content items, so each costs one tuple, and codes, which repeat endlessly, are
decoded once: the encoded sequence is looked up first.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from shared.dicom.elements import DELIMITED, Buffer, Source
from shared.dicom.header import Code
from shared.dicom.text import ESCAPE, decode_text, python_encodings
from shared.errors import UnreadableObject

MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 500_000
MAX_PROBLEMS: Final = 100
MAX_TEXT_LENGTH: Final = 2**20
MAX_TEXT_IN_ALL: Final = 32 * 2**20
"""Bounds far beyond real reports, so that a hostile one costs little memory; longer texts are cut."""
_MAX_WORD: Final = 1024
_MAX_DECIMALS: Final = 2**16
_MAX_CACHED_CODE: Final = 2048
_MAX_CACHED_CODES: Final = 10_000

_SPECIFIC_CHARACTER_SET: Final = 0x00080005
_CODE_VALUE: Final = 0x00080100
_CODING_SCHEME_DESIGNATOR: Final = 0x00080102
_CODE_MEANING: Final = 0x00080104
_LONG_CODE_VALUE: Final = 0x00080119
_URN_CODE_VALUE: Final = 0x00080120
_REFERENCED_SOP_SEQUENCE: Final = 0x00081199
_REFERENCED_SOP_INSTANCE_UID: Final = 0x00081155
_MEASUREMENT_UNITS_CODE_SEQUENCE: Final = 0x004008EA
_RELATIONSHIP_TYPE: Final = 0x0040A010
_VALUE_TYPE: Final = 0x0040A040
_CONCEPT_NAME_CODE_SEQUENCE: Final = 0x0040A043
_CONCEPT_CODE_SEQUENCE: Final = 0x0040A168
_MEASURED_VALUE_SEQUENCE: Final = 0x0040A300
_NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE: Final = 0x0040A301
_NUMERIC_VALUE: Final = 0x0040A30A
_CONTENT_SEQUENCE: Final = 0x0040A730
_TEXT_TAGS: Final = frozenset(
    (
        0x0040A120,  # DateTime
        0x0040A121,  # Date
        0x0040A122,  # Time
        0x0040A123,  # Person Name
        0x0040A124,  # UID
        0x0040A160,  # Text Value
    )
)
_CODE_TAGS: Final = {
    _CONCEPT_NAME_CODE_SEQUENCE: 0,
    _CONCEPT_CODE_SEQUENCE: 1,
    _NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE: 2,
}
_UNDEFINED_END: Final = {True: b"\xfe\xff\xdd\xe0\0\0\0\0", False: b"\xff\xfe\xe0\xdd\0\0\0\0"}


class ContentItem(NamedTuple):
    """One content item. Fields that its value type does not have, or that it leaves empty, are None or empty.

    `text` holds TEXT, UIDREF, PNAME, DATETIME, DATE and TIME values and the SOP Instance UID of references;
    `numbers` the decimal strings of NUM as they are written, with `units`, or `qualifier` in their place.
    """

    relationship: str
    value_type: str
    concept: Code | None
    text: str | None
    code: Code | None
    numbers: tuple[str, ...]
    units: Code | None
    qualifier: Code | None
    children: "tuple[ContentItem, ...]"


class TreeTooLarge(UnreadableObject):
    """The report nests far deeper, or has far more content items, than any real one."""


class ContentTreeReader:
    """A reader for the content of one report; `problems` then lists the unreadable items with their places."""

    def __init__(self, encodings: tuple[str, ...]) -> None:
        self.problems: list[str] = []
        self._encodings = encodings
        self._codes: dict[bytes, Code | None] = {}
        self._count = 0
        self._text_left = MAX_TEXT_IN_ALL

    def read(self, source: Source, start: int, end: int) -> ContentItem:
        """Return the root content item, read from the data set between `start` and `end`.

        Raises:
            UnreadableObject: when the structure is broken so that the rest of the report is lost with it.
        """
        return self._item(source, start, end, end, 0)

    def _item(  # noqa: C901 (one branch for each attribute: this is the loop that reading spends its time in)
        self, source: Source, start: int, stop: int, limit: int, depth: int
    ) -> ContentItem:
        if depth > MAX_DEPTH:
            raise TreeTooLarge(f"content items nested deeper than {MAX_DEPTH} at byte {start}")
        self._spend(1)
        data = source.data
        relationship = value_type = ""
        text: str | None = None
        numbers: tuple[str, ...] = ()
        units: Code | None = None
        codes: list[Code | None] = [None, None, None]
        children: tuple[ContentItem, ...] = ()
        for tag, vr, at, to in source.elements(start, stop, limit):
            if tag in _CODE_TAGS:
                codes[_CODE_TAGS[tag]] = self._code(source, vr, at, to, limit)
            elif tag == _VALUE_TYPE:
                value_type = _keyword(_value(data, at, to, _MAX_WORD))
            elif tag == _RELATIONSHIP_TYPE:
                relationship = _keyword(_value(data, at, to, _MAX_WORD))
            elif tag == _MEASURED_VALUE_SEQUENCE:
                numbers, units = self._measured_value(source, vr, at, to, limit)
                if len(numbers) > 1:
                    self._spend(len(numbers))
            elif tag in _TEXT_TAGS:
                text = self._text(_value(data, at, to, MAX_TEXT_LENGTH))
            elif tag == _CONTENT_SEQUENCE:
                children = tuple(self._children(source, (vr, at, to), limit, depth))
            elif tag == _REFERENCED_SOP_SEQUENCE:
                text = self._reference(source, vr, at, to, limit)
            elif tag == _SPECIFIC_CHARACTER_SET:
                self._switch_encodings(_encodings(source, at, to))
        return ContentItem(relationship, value_type, codes[0], text, codes[1], numbers, units, codes[2], children)

    def _children(self, source: Source, value: tuple[bytes, int, int], limit: int, depth: int) -> Iterator[ContentItem]:
        for inner, at, to in source.items(*value, limit):
            encodings, codes = self._encodings, self._codes
            try:
                yield self._item(inner, at, to, limit if to == DELIMITED else to, depth + 1)
            except TreeTooLarge:
                raise
            except UnreadableObject as error:
                if to == DELIMITED:  # The start of the next item is unknown.
                    raise
                if len(self.problems) < MAX_PROBLEMS:
                    self.problems.append(f"content item at byte {at} cannot be read: {error}")
            self._encodings, self._codes = encodings, codes

    def _measured_value(
        self, source: Source, vr: bytes, start: int, stop: int, limit: int
    ) -> tuple[tuple[str, ...], Code | None]:
        first: tuple[tuple[str, ...], Code | None] | None = None
        for inner, at, to in source.items(vr, start, stop, limit):
            end = limit if to == DELIMITED else to
            encodings, codes = self._encodings, self._codes
            numbers: tuple[str, ...] = ()
            units: Code | None = None
            for tag, inner_vr, value_at, value_to in inner.elements(at, to, end):
                if tag == _NUMERIC_VALUE:
                    numbers = _decimal_strings(_value(inner.data, value_at, value_to, _MAX_DECIMALS))
                elif tag == _MEASUREMENT_UNITS_CODE_SEQUENCE:
                    units = self._code(inner, inner_vr, value_at, value_to, end)
                elif tag == _SPECIFIC_CHARACTER_SET:
                    self._switch_encodings(_encodings(inner, value_at, value_to))
            self._encodings, self._codes = encodings, codes
            first = first or (numbers, units)  # An item has one measured value; further ones are walked over.
        return first or ((), None)

    def _code(self, source: Source, vr: bytes, start: int, stop: int, limit: int) -> Code | None:
        """Return the code of a code sequence, from memory when the same bytes have been read before."""
        end = stop
        if stop == DELIMITED:
            end = source.data.find(_UNDEFINED_END[source.little], start, limit) + 8
        key = source.data[start:end] if start <= end <= start + _MAX_CACHED_CODE else None
        if key is not None and key in self._codes:
            source.resume = end
            return self._codes[key]
        code, found = None, False
        for inner, at, to in source.items(vr, start, stop, limit):
            further = self._code_item(inner, at, to, limit)
            code, found = code if found else further, True
        whole = stop != DELIMITED or source.resume == end
        if key is not None and whole and len(self._codes) < _MAX_CACHED_CODES:
            self._codes[key] = code
        return code

    def _code_item(self, source: Source, start: int, stop: int, limit: int) -> Code | None:
        encodings = self._encodings
        value = scheme = meaning = ""
        for tag, _, at, to in source.elements(start, stop, limit if stop == DELIMITED else stop):
            if tag == _CODE_VALUE or (tag in (_LONG_CODE_VALUE, _URN_CODE_VALUE) and not value):
                value = self._word(source, at, to, encodings)
            elif tag == _CODING_SCHEME_DESIGNATOR:
                scheme = self._word(source, at, to, encodings)
            elif tag == _CODE_MEANING:
                meaning = self._word(source, at, to, encodings)
            elif tag == _SPECIFIC_CHARACTER_SET:
                encodings = _encodings(source, at, to)
        return Code(value, scheme, meaning) if value or meaning else None

    def _reference(self, source: Source, vr: bytes, start: int, stop: int, limit: int) -> str | None:
        first = None
        for inner, at, to in source.items(vr, start, stop, limit):
            uid = ""
            for tag, _, value_at, value_to in inner.elements(at, to, limit if to == DELIMITED else to):
                if tag == _REFERENCED_SOP_INSTANCE_UID:
                    uid = self._word(inner, value_at, value_to, self._encodings)
            first = uid if first is None else first
        return first or None

    def _text(self, raw: bytes) -> str | None:
        self._text_left -= len(raw)
        if self._text_left < 0:
            raise TreeTooLarge(f"more than {MAX_TEXT_IN_ALL} bytes of text")
        return self._decode(raw, self._encodings) or None

    def _word(self, source: Source, start: int, stop: int, encodings: tuple[str, ...]) -> str:
        return self._decode(_value(source.data, start, stop, _MAX_WORD), encodings)

    def _decode(self, raw: bytes, encodings: tuple[str, ...]) -> str:
        if ESCAPE in raw:
            self._spend(raw.count(ESCAPE))
        return decode_text(raw, encodings)

    def _spend(self, count: int) -> None:
        self._count += count
        if self._count > MAX_ITEMS:
            raise TreeTooLarge(f"more than {MAX_ITEMS} content items, values and escape sequences")

    def _switch_encodings(self, encodings: tuple[str, ...]) -> None:
        """Use the character set that an item names for itself and what it holds."""
        self._encodings = encodings
        self._codes = {}


def _value(data: Buffer, start: int, stop: int, most: int) -> bytes:
    """Return at most `most` bytes of a value; none of one of undefined length, which only a sequence can have."""
    return data[start : min(stop, start + most)] if stop > start else b""


def _encodings(source: Source, start: int, stop: int) -> tuple[str, ...]:
    """Return the Python codecs of a value of Specific Character Set."""
    return python_encodings(tuple(decode_text(_value(source.data, start, stop, _MAX_WORD)).split("\\")))


@lru_cache(maxsize=256)
def _keyword(raw: bytes) -> str:
    """Return a relationship or value type: one of a dozen words."""
    return raw.decode("ascii", "replace").strip(" \0").upper()


def _decimal_strings(raw: bytes) -> tuple[str, ...]:
    """Split a DS value; its numbers stay text, for what is wrong with one concerns that one only."""
    text = raw.decode("ascii", "replace").strip(" \0")
    if "\\" not in text:
        return (text,) if text else ()
    values = (value.strip(" \0") for value in text.split("\\"))
    return tuple(value for value in values if value)
