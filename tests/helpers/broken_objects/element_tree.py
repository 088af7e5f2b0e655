"""Data sets as trees of encoded elements that can be changed and written again, in every transfer syntax.

Values stay the bytes that they are: what pydicom would not write, or would put right, can be written.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack

from pydicom.datadict import dictionary_VR
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from shared.dicom.elements import DELIMITED, Source
from shared.dicom.part10 import open_part10

_LONG_FORM = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_UNDEFINED = 0xFFFFFFFF


@dataclass
class Item:
    """An item of a sequence."""

    elements: "list[Element]"
    undefined_length: bool = False


@dataclass
class Element:
    """An element: a sequence when it has `items`, else a `value` of bytes.

    A sequence of VR UN is written in implicit VR little endian, as PS3.5 section 6.2.2 says, or, when it is
    `unknown_as_it_was`, like the rest of the data set. In big endian, where pydicom knows only that, it always is.
    """

    tag: int
    vr: bytes
    value: bytes = b""
    items: list[Item] | None = None
    undefined_length: bool = False
    unknown_as_it_was: bool = False


@dataclass(frozen=True)
class _Layout:
    implicit: bool
    order: str


def parse(data: bytes) -> list[Element]:
    """Return the data set of a file as a tree."""
    part10 = open_part10(data)
    return list(_elements(part10.source, part10.start, part10.end, part10.end))


def file_bytes(elements: list[Element], transfer_syntax: str) -> bytes:
    """Return a file with this data set. Binary numbers keep their bytes: no content item has one."""
    layout = _Layout(
        implicit=transfer_syntax == ImplicitVRLittleEndian,
        order=">" if transfer_syntax == ExplicitVRBigEndian else "<",
    )
    data_set = b"".join(_encoded(element, layout) for element in elements)
    if transfer_syntax == DeflatedExplicitVRLittleEndian:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data_set = deflater.compress(data_set) + deflater.flush()
    uid = transfer_syntax.encode() + b"\0" * (len(transfer_syntax) % 2)
    meta = pack("<HH2sH", 0x0002, 0x0010, b"UI", len(uid)) + uid
    group_length = pack("<HH2sHL", 0x0002, 0x0000, b"UL", 4, len(meta))
    return bytes(128) + b"DICM" + group_length + meta + data_set


def _elements(source: Source, start: int, stop: int, limit: int) -> Iterator[Element]:
    for tag, vr, at, to in source.elements(start, stop, limit):
        known = vr or _vr(tag)
        if known == b"SQ" or (known == b"UN" and to == DELIMITED):
            yield Element(tag, known, items=list(_items(source, vr, at, to, limit)), undefined_length=to == DELIMITED)
        elif to != DELIMITED:
            yield Element(tag, known, bytes(source.data[at:to]))


def _items(source: Source, vr: bytes, start: int, stop: int, limit: int) -> Iterator[Item]:
    end = limit if stop == DELIMITED else stop
    for inner, at, to in source.items(vr, start, stop, limit):
        elements = list(_elements(inner, at, to, end if to == DELIMITED else to))
        yield Item(elements, undefined_length=to == DELIMITED)


def _vr(tag: int) -> bytes:
    try:
        return dictionary_VR(tag)[:2].encode()
    except KeyError:
        return b"UN"


def _encoded(element: Element, layout: _Layout) -> bytes:
    order = layout.order
    value, length = element.value, len(element.value)
    if element.items is not None:
        unknown = element.vr == b"UN" and not element.unknown_as_it_was and order == "<"
        inner = _Layout(implicit=True, order="<") if unknown else layout
        value = b"".join(_encoded_item(item, inner) for item in element.items)
        length = len(value)
        if element.undefined_length:
            value += pack(inner.order + "HHL", *_SEQUENCE_END, 0)
            length = _UNDEFINED
    tag = (element.tag >> 16, element.tag & 0xFFFF)
    if layout.implicit:
        return pack(order + "HHL", *tag, length) + value
    if element.vr in _LONG_FORM or length > 0xFFFF:
        vr = element.vr if element.vr in _LONG_FORM else b"UN"  # PS3.5 section 6.2.2: too long for its own VR
        return pack(order + "HH2sHL", *tag, vr, 0, length) + value
    return pack(order + "HH2sH", *tag, element.vr, length) + value


def _encoded_item(item: Item, layout: _Layout) -> bytes:
    content = b"".join(_encoded(element, layout) for element in item.elements)
    if item.undefined_length:
        end = pack(layout.order + "HHL", *_ITEM_END, 0)
        return pack(layout.order + "HHL", *_ITEM, _UNDEFINED) + content + end
    return pack(layout.order + "HHL", *_ITEM, len(content)) + content
