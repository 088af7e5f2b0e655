"""The elements of a DICOM data set (PS3.5 section 7), found without building an object for each.

A `Source` walks encoded bytes and yields the place of each element's value. Nothing is decoded before it is needed, and
every length is checked against the bytes that enclose it; nesting is bounded.

Values of undefined length are walked in place. Code that walks one to its delimiter leaves the position after it in
`Source.resume`; otherwise the source skips the value itself.
"""

import mmap
from collections.abc import Iterator
from struct import Struct
from typing import Final

from shared.errors import UnreadableObject

Buffer = bytes | mmap.mmap

UNDEFINED_LENGTH: Final = 0xFFFFFFFF
DELIMITED: Final = -1
"""In place of a value's end: the value has undefined length and ends at its delimiter."""
MAX_NESTING: Final = 64

ITEM: Final = 0xFFFEE000
ITEM_DELIMITATION: Final = 0xFFFEE00D
SEQUENCE_DELIMITATION: Final = 0xFFFEE0DD
_LITTLE_ITEM: Final = b"\xfe\xff"

_LONG_FORM = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT_FORM = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())


def is_vr(vr: bytes) -> bool:
    """Whether these two bytes of an element header are a VR, be it one of a later edition of the standard.

    In implicit VR they are half of a length, which would have to be 16 kB at least to look like it.
    """
    return vr in _SHORT_FORM or (vr.isalpha() and vr.isupper())


class NestingTooDeep(UnreadableObject):
    """Sequences nest deeper than in any real object."""


class Source:
    """Encoded bytes together with their transfer syntax: implicit or explicit VR, byte order."""

    __slots__ = ("_depth", "_header", "_unknown", "data", "implicit", "item_header", "little", "resume")

    def __init__(self, data: Buffer, *, implicit: bool, little: bool) -> None:
        self.data = data
        self.implicit = implicit
        self.little = little
        self.resume = DELIMITED
        order = "<" if little else ">"
        self._header = Struct(order + ("HHL" if implicit else "HH2sH")).unpack_from
        self.item_header = Struct(order + "HHL").unpack_from
        self._depth = 0
        self._unknown: dict[bool, Source] = {}

    def elements(self, start: int, stop: int, limit: int, before: int = 2**32) -> Iterator[tuple[int, bytes, int, int]]:
        """Yield (tag, VR or empty, start of value, end of value or DELIMITED) from `start` to `stop`.

        With `stop` DELIMITED the elements of an item of undefined length are walked up to its delimiter, which
        must stand before `limit`; `resume` then holds the position behind it. The iterator must be exhausted.
        The first tag from `before` on ends the walk: not even its length is believed, and its value is yielded empty.

        Raises:
            UnreadableObject: for lengths that point out of what encloses them.
        """
        data, header, implicit = self.data, self._header, self.implicit
        end = limit if stop < 0 else stop
        position = start
        while end - position >= 8:
            if implicit:
                group, number, length = header(data, position)
                position += 8
                vr = b""
            else:
                group, number, vr, length = header(data, position)
                position += 8
                if vr not in _SHORT_FORM:
                    vr, length, position = self._odd_length(vr, length, position, end)
            tag = group << 16 | number
            if tag >= before:
                yield tag, vr, position, position
                return
            if stop < 0 and tag == ITEM_DELIMITATION:
                self.resume = position
                return
            if length == UNDEFINED_LENGTH:
                self.resume = DELIMITED
                yield tag, vr, position, DELIMITED
                position = self.resume if self.resume >= 0 else self._skip(vr, position, end)
            else:
                after = position + length
                if after > end:
                    raise _beyond(tag, position, length, end)
                yield tag, vr, position, after
                position = after
        if stop < 0:
            raise UnreadableObject(f"the data end at byte {limit} inside an item that begins at byte {start}")
        if position != end and any(self.data[position:end]):
            raise UnreadableObject(f"the data end at byte {end} inside an element header")

    def items(self, vr: bytes, start: int, stop: int, limit: int) -> Iterator[tuple["Source", int, int]]:
        """Yield (source, start, end or DELIMITED) for each item of a sequence value.

        The source differs from this one only inside a value of VR UN. The iterator must be exhausted, and so
        must the elements of each item of undefined length.
        """
        unknown = vr == b"UN"
        outer = inner = self._ordered_as(start) if unknown else self
        end = limit if stop < 0 else stop
        position = start
        while end - position >= 8:
            group, number, length = outer.item_header(self.data, position)
            tag = group << 16 | number
            position += 8
            if tag == ITEM:
                if unknown:
                    inner = outer._written_as(position)  # noqa: SLF001 (a source of this class)
                if length == UNDEFINED_LENGTH:
                    yield inner, position, DELIMITED
                    position = inner.resume
                else:
                    if position + length > end:
                        raise _beyond(tag, position, length, end)
                    yield inner, position, position + length
                    position += length
            elif tag == SEQUENCE_DELIMITATION:
                if stop < 0:
                    self.resume = position
                    return
            else:
                raise UnreadableObject(f"byte {position - 8} should begin an item but begins {_name(tag)}")
        if stop < 0:
            raise UnreadableObject(f"the data end at byte {limit} inside a sequence that begins at byte {start}")
        if position != end and any(self.data[position:end]):
            raise UnreadableObject(f"a sequence ends at byte {end} inside an item header")

    def _odd_length(self, vr: bytes, length: int, position: int, end: int) -> tuple[bytes, int, int]:
        """Return VR, length and start of value where the 16-bit length of the common VRs does not apply."""
        if vr in _LONG_FORM:
            if end - position < 4:
                raise UnreadableObject(f"the data end at byte {end} inside an element header")
            return vr, self._long(position), position + 4
        if is_vr(vr):  # One of a later edition: as short as most of them.
            return vr, length, position
        # No VR at all: a delimiter, or an element written in implicit VR by mistake.
        return b"", self._long(position - 4), position

    def _long(self, position: int) -> int:
        return int.from_bytes(self.data[position : position + 4], "little" if self.little else "big")

    def _ordered_as(self, position: int) -> "Source":
        """Return the source for the items of a sequence of VR UN that begins at `position`.

        It is implicit little endian (PS3.5 section 6.2.2), but some devices keep the byte order of the data set.
        """
        return (
            self if self.little or self.data[position : position + 2] != _LITTLE_ITEM else self._implicit(little=True)
        )

    def _written_as(self, position: int) -> "Source":
        """Return the source for the elements of an item of such a sequence: some devices keep the explicit VRs."""
        if self.implicit or is_vr(self.data[position + 4 : position + 6]):
            return self
        return self._implicit(little=self.little)

    def _implicit(self, *, little: bool) -> "Source":
        if little not in self._unknown:
            self._unknown[little] = Source(self.data, implicit=True, little=little)
        return self._unknown[little]

    def _skip(self, vr: bytes, position: int, limit: int) -> int:
        """Return the position behind the sequence of undefined length whose first item stands at `position`."""
        if self._depth == MAX_NESTING:
            raise NestingTooDeep(f"sequences nested deeper than {MAX_NESTING} at byte {position}")
        self._depth += 1
        try:
            for source, start, stop in self.items(vr, position, DELIMITED, limit):
                if stop == DELIMITED:
                    for _ in source.elements(start, stop, limit):
                        pass  # Sequences of undefined length inside skip themselves.
        finally:
            self._depth -= 1
        return self.resume


def _name(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _beyond(tag: int, position: int, length: int, end: int) -> UnreadableObject:
    return UnreadableObject(
        f"{_name(tag)} at byte {position} has length {length}, but what holds it ends after {end - position}"
    )
