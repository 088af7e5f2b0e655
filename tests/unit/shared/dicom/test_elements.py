import pytest

from shared.dicom.elements import DELIMITED, MAX_NESTING, NestingTooDeep, Source
from shared.errors import UnreadableObject

ITEM, ITEM_END, END = b"\xfe\xff\0\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
UNDEFINED = b"\xff\xff\xff\xff"


def walk(data: bytes, *, implicit: bool = False, little: bool = True) -> list[tuple[int, bytes, int, int]]:
    return list(Source(data, implicit=implicit, little=little).elements(0, len(data), len(data)))


def test_short_and_long_explicit_lengths() -> None:
    data = b"\x08\0\x60\0CS\x02\0CT" + b"\x08\0\x61\0UT\0\0\x04\0\0\0text"
    assert walk(data) == [(0x00080060, b"CS", 8, 10), (0x00080061, b"UT", 22, 26)]


def test_implicit_lengths_have_no_vr() -> None:
    assert walk(b"\x08\0\x60\0\x02\0\0\0CT", implicit=True) == [(0x00080060, b"", 8, 10)]


def test_big_endian() -> None:
    assert walk(b"\0\x08\0\x60CS\0\x02CT", little=False) == [(0x00080060, b"CS", 8, 10)]


def test_an_unknown_vr_of_two_capitals_is_short_and_anything_else_is_implicit() -> None:
    assert walk(b"\x08\0\x60\0XX\x02\0CT") == [(0x00080060, b"XX", 8, 10)]
    assert walk(b"\x08\0\x60\0\x02\0\0\0CT") == [(0x00080060, b"", 8, 10)]


def test_an_element_behind_one_of_undefined_length_is_found() -> None:
    nested = b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + ITEM + UNDEFINED
    data = nested + nested + ITEM_END + END + ITEM_END + END + b"\x40\0\x31\xa7CS\x02\0OK"
    assert walk(data) == [(0x0040A730, b"SQ", 12, DELIMITED), (0x0040A731, b"CS", len(data) - 2, len(data))]


@pytest.mark.parametrize("inside", [b"\x08\0\x60\0CS\x02\0CT", b"\x08\0\x60\0\x02\0\0\0CT"])
def test_unknown_sequences_are_implicit_by_the_standard_and_explicit_by_habit(inside: bytes) -> None:
    data = (
        b"\x09\0\x01\x10UN\0\0" + UNDEFINED + ITEM + UNDEFINED + inside + ITEM_END + END + b"\x40\0\x31\xa7CS\x02\0OK"
    )
    assert [tag for tag, *_ in walk(data)] == [0x00091001, 0x0040A731]


def values(source: Source, data: bytes) -> list[bytes]:
    """Return the values inside the items of an unknown sequence that ends with the data."""
    found = []
    for inner, start, stop in source.items(b"UN", 0, len(data), len(data)):
        limit = len(data) if stop == DELIMITED else stop
        found += [data[at:to] for _, _, at, to in inner.elements(start, stop, limit)]
    return found


def test_an_unknown_sequence_in_a_big_endian_data_set_is_little_endian_by_the_standard_and_big_by_habit() -> None:
    little = ITEM + b"\x0a\0\0\0" + b"\x08\0\x60\0\x02\0\0\0CT"
    big = b"\xff\xfe\xe0\0\0\0\0\x0a" + b"\0\x08\0\x60CS\0\x02MR"
    for data, value in ((little, b"CT"), (big, b"MR")):
        assert values(Source(data, implicit=False, little=False), data) == [value]


def test_each_item_of_an_unknown_sequence_is_implicit_or_explicit_by_itself() -> None:
    implicit, explicit = b"\x08\0\x60\0\x02\0\0\0CT", b"\x08\0\x60\0XX\x02\0MR"
    data = ITEM + bytes(4) + ITEM + b"\x0a\0\0\0" + implicit + ITEM + b"\x0a\0\0\0" + explicit
    assert values(Source(data, implicit=False, little=True), data) == [b"CT", b"MR"]


def test_the_length_of_a_delimiter_is_not_believed() -> None:
    data = b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + ITEM + UNDEFINED + ITEM_END[:4] + b"\2\0\0\0" + END
    assert len(walk(data)) == 1


def test_items_of_defined_and_of_undefined_length() -> None:
    data = ITEM + b"\x0a\0\0\0" + b"\x08\0\x60\0CS\x02\0CT" + ITEM + UNDEFINED + b"\x08\0\x60\0CS\x02\0MR" + ITEM_END
    source = Source(data, implicit=False, little=True)
    found = []
    for inner, start, stop in source.items(b"SQ", 0, len(data), len(data)):
        limit = len(data) if stop == DELIMITED else stop
        found += [data[at:to] for _, _, at, to in inner.elements(start, stop, limit)]
    assert found == [b"CT", b"MR"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x08\0\x60\0CS\x03\0CT",
        b"\x08\0\x60\0UT\0\0\x05\0\0\0text",
        b"\x08\0\x60\0UT\0\0",
        b"\x08\0\x60\0CS\x02\0CT\x08\0\x61",
        b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED,
        b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + ITEM + UNDEFINED + ITEM_END,
        b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + ITEM + b"\xff\0\0\0" + END,
        b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + b"\x08\0\x60\0\0\0\0\0" + END,
    ],
)
def test_lengths_that_point_out_of_what_holds_them_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableObject, match="byte"):
        walk(data)


def test_zeros_behind_the_last_element_are_padding() -> None:
    assert len(walk(b"\x08\0\x60\0CS\x02\0CT\0\0\0")) == 1


def test_nesting_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        begin = b"\x40\0\x30\xa7SQ\0\0" + UNDEFINED + ITEM + UNDEFINED
        return begin * levels + (ITEM_END + END) * levels

    assert len(walk(nested(MAX_NESTING))) == 1
    with pytest.raises(NestingTooDeep):
        walk(nested(MAX_NESTING + 1))
