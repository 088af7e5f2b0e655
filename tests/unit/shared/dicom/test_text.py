import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.charset import decode_bytes
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

from shared.dicom.text import DEFAULT_ENCODINGS, decode_text, python_encodings


def test_padding_and_nul_are_removed() -> None:
    assert decode_text(b"CT01 \0") == "CT01"
    assert decode_text(b" AB\0CD ") == "AB CD"


def test_without_character_set_high_bytes_are_latin_1() -> None:
    assert decode_text("Müller".encode("latin-1")) == "Müller"


@pytest.mark.parametrize(
    ("character_sets", "raw", "text"),
    [
        (("ISO_IR 100",), "Größe".encode("latin-1"), "Größe"),
        (("ISO_IR 192",), "中心医院".encode(), "中心医院"),
        (("ISO_IR 144",), "Москва".encode("iso8859_5"), "Москва"),
        (("GB18030",), "王小东".encode("gb18030"), "王小东"),
        (("", "ISO 2022 IR 87"), b"\x1b$B;3ED\x1b(B^x", "山田^x"),
        (("ISO 2022 IR 149",), b"\x1b$)C\xb1\xe8\xc8\xf1\xc1\xdf", "김희중"),
    ],
)
def test_character_sets_of_the_standard(character_sets: tuple[str, ...], raw: bytes, text: str) -> None:
    assert decode_text(raw, python_encodings(character_sets)) == text


def test_undecodable_bytes_cost_a_replacement_character_each() -> None:
    assert decode_text(b"a\xffb", python_encodings(("ISO_IR 192",))) == "a\ufffdb"
    assert decode_text(b"\x1b$Babc\x1b(Bd", python_encodings(("", "ISO 2022 IR 87"))).endswith("d")


@pytest.mark.parametrize("names", [(), ("",), ("ISO_IR 6",), ("NO SUCH SET",)])
def test_unknown_character_sets_are_read_as_the_default(names: tuple[str, ...]) -> None:
    assert python_encodings(names)[0] == DEFAULT_ENCODINGS[0]


@pytest.mark.parametrize("name", ["idna", "punycode", "undefined", "zlib", "rot13", "unicode_escape"])
def test_codecs_of_python_that_are_no_character_sets_are_read_as_the_default(name: str) -> None:
    assert python_encodings((name,)) == DEFAULT_ENCODINGS


@pytest.mark.parametrize("name", ["UTF-8", "latin1", "windows-1252"])
def test_character_sets_by_another_name_are_understood(name: str) -> None:
    assert decode_text("Größe".encode(name), python_encodings((name,))) == "Größe"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("unit", [b"\x1b", b"\x1b$B", b"\x1b$)C\xff", b"\x1b(B^"])
def test_endless_escape_sequences_cost_little_time(unit: bytes) -> None:
    decode_text(unit * 300_000, python_encodings(("", "ISO 2022 IR 87", "ISO 2022 IR 149")))


ENCODINGS = (
    *(("ISO_IR 100",), ("ISO_IR 192",), ("", "ISO 2022 IR 87"), ("", "ISO 2022 IR 149"), ("GB18030",)),
    *(("ISO 2022 IR 100", "ISO 2022 IR 144"), ("ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159")),
)
PIECES = (
    *(b"\x1b", b"\x1b$B", b"\x1b(B", b"\x1b(J", b"\x1b$)C", b"\x1b-L", b"\x1b-A", b"\x1b$(D", b"\x1b)I", b"\x1b-Z"),
    *(b"A", b"^", b"\r\n", b"\t", b";3ED", b"\xb1\xe8", b"\xe9", b"\xff", b"\xd6\xdc", b"\xc3\xa9", b" ", b"="),
)


@given(st.sampled_from(ENCODINGS), st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_text_is_decoded_as_pydicom_decodes_it(character_sets: tuple[str, ...], raw: bytes) -> None:
    encodings = python_encodings(character_sets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = decode_bytes(raw, list(encodings), TEXT_VR_DELIMS | PN_DELIMS)
    assert decode_text(raw, encodings) == expected.strip(" \0\t\r\n")
