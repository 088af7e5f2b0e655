import pytest

from shared.dicom.ae_title import parse_ae_title, parse_remote_ae_title


@pytest.mark.parametrize("title", ["A", "DOSEWIRE", "Store01", "ABCDEFGHIJKLMNOP"])
def test_letters_and_digits_up_to_sixteen_are_a_title(title: str) -> None:
    assert parse_ae_title(title) == title


def test_surrounding_blanks_are_padding() -> None:
    assert parse_ae_title(" DOSEWIRE ") == "DOSEWIRE"


@pytest.mark.parametrize("text", ["", "  ", "ABCDEFGHIJKLMNOPQ", "DOSE WIRE", "DOSE_WIRE", "DÖSE", "A\\B", "A\0", "٣"])
def test_anything_else_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 16 characters"):
        parse_ae_title(text)


@pytest.mark.parametrize("title", ["MAIN_PACS", "CT-1.HALL", "A B", "ABCDEFGHIJKLMNOP"])
def test_a_remote_title_may_be_what_dicom_allows(title: str) -> None:
    assert parse_remote_ae_title(f" {title}  ") == title


@pytest.mark.parametrize("text", ["", "  ", "ABCDEFGHIJKLMNOPQ", "DÖSE", "A\\B", "A\0", "A\n", "A\x7f"])
def test_what_dicom_forbids_is_refused_for_a_remote_title(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 16 characters of ASCII"):
        parse_remote_ae_title(text)
