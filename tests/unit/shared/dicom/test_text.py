import pytest

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
