"""The header attributes of an object, read on demand from an index of its elements."""

import re
from collections.abc import Iterator
from struct import Struct, calcsize

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from shared.dicom.elements import DELIMITED, MAX_NESTING, NestingTooDeep, Source
from shared.dicom.text import DEFAULT_ENCODINGS, decode_text, python_encodings
from shared.errors import UnreadableObject

SPECIFIC_CHARACTER_SET = 0x00080005
PADDING = " \0\t\r\n"
"""Characters that devices write around a number, in addition to the allowed blank."""
MAX_ELEMENTS = 50_000
MAX_SEQUENCE_ITEMS = 10_000
MAX_VALUE_LENGTH = 2**20
"""Bounds far beyond real headers, so that a hostile one costs little memory; longer values are cut."""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MAX_NUMBER_LENGTH = 64
_MAX_NUMBER = 1e75
"""The greatest number that is accepted; sums and products of such numbers stay finite."""
_BINARY = {b"FD": "d", b"FL": "f", b"US": "H", b"SS": "h", b"UL": "L", b"SL": "l"}


def parse_decimal(text: str) -> float | None:
    """Return a decimal or integer string (PS3.5 section 6.2, VR DS and IS) as a number that can be one, else None."""
    text = text.strip(PADDING)
    if len(text) > _MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) <= _MAX_NUMBER else None


class DataSet:
    """The elements of one data set or sequence item: their places, decoded on demand.

    Attributes that are absent and attributes that are empty are both None or an empty tuple: the difference
    carries no meaning for dose.
    """

    __slots__ = ("_depth", "_index", "_limit", "_source", "encodings", "stopped")

    def __init__(
        self,
        source: Source,
        start: int,
        stop: int,
        *,
        limit: int,
        encodings: tuple[str, ...] = DEFAULT_ENCODINGS,
        stop_before: int = 2**32,
        depth: int = 0,
    ) -> None:
        """Index the elements from `start` to `stop`, at top level only those before tag `stop_before`.

        `stopped` then says whether there is one from that tag on.

        Raises:
            UnreadableObject: when the elements do not fit into what encloses them.
        """
        if depth > MAX_NESTING:
            raise NestingTooDeep(f"sequences nested deeper than {MAX_NESTING} at byte {start}")
        self._source = source
        self._limit = limit
        self._depth = depth
        self.encodings = encodings
        index: dict[int, tuple[bytes, int, int]] = {}
        self.stopped = False
        for tag, vr, value_start, value_stop in source.elements(start, stop, limit, stop_before):
            if tag >= stop_before:
                self.stopped = True
                break
            index.setdefault(tag, (vr, value_start, value_stop))
            if len(index) > MAX_ELEMENTS:
                raise UnreadableObject(f"more than {MAX_ELEMENTS} elements in one data set")
        self._index = index
        if SPECIFIC_CHARACTER_SET in index:
            self.encodings = python_encodings(self.texts(SPECIFIC_CHARACTER_SET, keep_empty=True))

    def __contains__(self, tag: int) -> bool:
        return tag in self._index

    def raw(self, tag: int) -> bytes:
        """Return the encoded value, empty when the element is absent or a sequence of undefined length."""
        _, start, stop = self._index.get(tag, (b"", 0, 0))
        return bytes(self._source.data[start : min(stop, start + MAX_VALUE_LENGTH)]) if stop > start else b""

    def text(self, tag: int) -> str | None:
        """Return the value of a text element that has a single value; backslashes belong to it."""
        raw = self.raw(tag)
        return (decode_text(raw, self.encodings) or None) if raw else None

    def texts(self, tag: int, *, keep_empty: bool = False) -> tuple[str, ...]:
        """Return the values of a text element, without the empty ones unless told."""
        text = self.text(tag)
        if text is None:
            return ()
        values = tuple(value.strip(" \0") for value in text.split("\\"))
        return values if keep_empty else tuple(value for value in values if value)

    def first(self, tag: int) -> str | None:
        """Return the first value of a text element that is not empty."""
        return next(iter(self.texts(tag)), None)

    def joined(self, tag: int) -> str | None:
        """Return the values of a text element joined by ` | `."""
        return " | ".join(self.texts(tag)) or None

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Return the values of a numeric element, text (DS, IS) or binary; other values are left out.

        Where the encoding does not tell the VR (implicit VR, or UN) it is the one of the standard's dictionary.
        """
        raw = self.raw(tag)
        vr = self._index.get(tag, (b"", 0, 0))[0]
        if vr in (b"", b"UN"):
            vr = _vr_of_dictionary(tag, len(raw))
        if vr in _BINARY:
            layout = Struct(("<" if self._source.little else ">") + _BINARY[vr])
            whole = len(raw) - len(raw) % layout.size
            values = (float(value) for (value,) in layout.iter_unpack(raw[:whole]))
            return tuple(value for value in values if abs(value) <= _MAX_NUMBER)
        return tuple(n for n in map(parse_decimal, self.texts(tag)) if n is not None)

    def number(self, tag: int) -> float | None:
        """Return the first value of a numeric element."""
        return next(iter(self.numbers(tag)), None)

    def items(self, tag: int) -> Iterator["DataSet"]:
        """Yield the items of a sequence element."""
        vr, start, stop = self._index.get(tag, (b"", 0, 0))
        if vr not in (b"SQ", b"UN", b"") or start == stop:
            return
        limit = self._limit if stop == DELIMITED else stop
        for count, (source, item_start, item_stop) in enumerate(self._source.items(vr, start, stop, limit)):
            if count == MAX_SEQUENCE_ITEMS:
                raise UnreadableObject(f"more than {MAX_SEQUENCE_ITEMS} items in one sequence")
            yield DataSet(
                source,
                item_start,
                item_stop,
                limit=limit if item_stop == DELIMITED else item_stop,
                encodings=self.encodings,
                depth=self._depth + 1,
            )

    def first_item(self, tag: int) -> "DataSet | None":
        """Return the first item of a sequence element."""
        return next(self.items(tag), None)

    def private_tag(self, group: int, element: int, creator: str) -> int | None:
        """Return the tag of a private element `(group, xx element)` of `creator` (PS3.5 section 7.8)."""
        for block in range(0x10, 0x100):
            reserved = group << 16 | block
            if reserved in self._index and self.text(reserved) == creator:
                return group << 16 | block << 8 | element
        return None


def _vr_of_dictionary(tag: int, length: int) -> bytes:
    """Return the VR that the standard has for an element, empty where a value of that length cannot be of it."""
    vr = dictionary_VR(tag).encode() if dictionary_has_tag(tag) else b""
    return b"" if vr in _BINARY and length % calcsize("<" + _BINARY[vr]) else vr
