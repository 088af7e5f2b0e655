import pytest

from shared.dicom.ae_title import parse_ae_title


@pytest.mark.parametrize("title", ["A", "DOSEWIRE", "Store01", "ABCDEFGHIJKLMNOP"])
def test_letters_and_digits_up_to_sixteen_are_a_title(title: str) -> None:
    assert parse_ae_title(title) == title


def test_surrounding_blanks_are_padding() -> None:
    assert parse_ae_title(" DOSEWIRE ") == "DOSEWIRE"


@pytest.mark.parametrize("text", ["", "  ", "ABCDEFGHIJKLMNOPQ", "DOSE WIRE", "DOSE_WIRE", "DÖSE", "A\\B", "A\0", "٣"])
def test_anything_else_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 16 characters"):
        parse_ae_title(text)
