import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from shared.dicom import dataset as module
from shared.dicom.dataset import DataSet, parse_decimal
from shared.dicom.elements import Source
from shared.errors import UnreadableObject

LAYOUTS = [(True, True), (False, True), (False, False)]


def index(dataset: Dataset, *, implicit: bool = False, little: bool = True) -> DataSet:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, dataset)
    data = buffer.getvalue()
    return DataSet(Source(data, implicit=implicit, little=little), 0, len(data), limit=len(data))


@pytest.mark.parametrize(("implicit", "little"), LAYOUTS)
def test_text_and_sequences_in_every_layout(implicit: bool, little: bool) -> None:
    dataset = Dataset()
    dataset.Manufacturer = "Siemens"
    dataset.SoftwareVersions = ["VA1", "VB2"]
    procedure = Dataset()
    procedure.CodeMeaning = "Chest"
    dataset.ProcedureCodeSequence = Sequence([procedure])
    found = index(dataset, implicit=implicit, little=little)
    assert found.text(0x00080070) == "Siemens"
    assert found.texts(0x00181020) == ("VA1", "VB2")
    assert found.joined(0x00181020) == "VA1 | VB2"
    assert found.first(0x00181020) == "VA1"
    assert [item.text(0x00080104) for item in found.items(0x00081032)] == ["Chest"]


def test_absent_and_empty_are_the_same() -> None:
    dataset = Dataset()
    dataset.Manufacturer = ""
    dataset.ProcedureCodeSequence = Sequence([])
    found = index(dataset)
    for tag in (0x00080070, 0x00081090):
        assert found.text(tag) is None
        assert found.texts(tag) == ()
        assert found.number(tag) is None
    assert found.first_item(0x00081032) is None


def test_values_that_stand_empty_between_others_can_be_kept() -> None:
    dataset = Dataset()
    dataset.ImageType = ["ORIGINAL", "", "PRIMARY"]
    assert index(dataset).texts(0x00080008, keep_empty=True) == ("ORIGINAL", "", "PRIMARY")
    assert index(dataset).texts(0x00080008) == ("ORIGINAL", "PRIMARY")


@pytest.mark.parametrize(("implicit", "little"), LAYOUTS)
def test_numbers_as_text_and_as_binary(implicit: bool, little: bool) -> None:
    dataset = Dataset()
    dataset.KVP = "120.5"
    dataset.Rows = 512
    dataset.add_new(0x00189461, "FL", [1.5, 2.5])
    dataset.add_new(0x00189073, "FD", 0.25)
    found = index(dataset, implicit=implicit, little=little)
    assert found.number(0x00180060) == 120.5
    assert found.number(0x00280010) == 512
    assert found.numbers(0x00189461) == (1.5, 2.5)
    assert found.number(0x00189073) == 0.25


def test_numbers_of_unknown_vr_are_those_of_the_dictionary() -> None:
    values = {0x00091001: b"7 ", 0x00180060: b"120 ", 0x00189073: b"0.25", 0x00280010: b"\0\2"}
    data = b"".join(
        struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, b"UN", 0, len(value)) + value for tag, value in values.items()
    )
    found = DataSet(Source(data, implicit=False, little=True), 0, len(data), limit=len(data))
    assert [found.number(tag) for tag in values] == [7, 120, 0.25, 512]


def test_binary_numbers_that_measure_nothing_are_left_out() -> None:
    dataset = Dataset()
    dataset.add_new(0x00189073, "FD", [1e300, -1e300, float("nan"), float("inf"), 1.5])
    assert index(dataset).numbers(0x00189073) == (1.5,)


def test_private_elements_are_found_by_their_creator() -> None:
    dataset = Dataset()
    dataset.private_block(0x0045, "OTHER", create=True).add_new(0x49, "DS", "1")
    dataset.private_block(0x0045, "GEMS_SENO_02", create=True).add_new(0x49, "DS", "41")
    found = index(dataset)
    tag = found.private_tag(0x0045, 0x49, "GEMS_SENO_02")
    assert tag == 0x00451149
    assert found.number(tag) == 41
    assert found.private_tag(0x0045, 0x49, "NOBODY") is None


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), (" -1.5e-3 ", -0.0015), ("+.5", 0.5), ("1e-005", 1e-5), ("7.\0", 7), ("12\r\n", 12)]
)
def test_decimal_strings(text: str, number: float) -> None:
    assert parse_decimal(text) == number


@pytest.mark.timeout(5)
def test_endless_digits_cost_no_time() -> None:
    assert parse_decimal("1" * 1_000_000 + "x") is None
    assert parse_decimal("1" * 64) == 1.1111111111111111e63


@pytest.mark.parametrize(
    "text", ["", "-", "NaN", "inf", "1e999", "-1e76", "1_000", "1,5", "0x10", "10.50/ 15.00", "٣", "1 2"]
)
def test_what_is_no_finite_decimal_string(text: str) -> None:
    assert parse_decimal(text) is None


def test_hostile_headers_cost_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ELEMENTS", 3)
    monkeypatch.setattr(module, "MAX_SEQUENCE_ITEMS", 2)
    monkeypatch.setattr(module, "MAX_VALUE_LENGTH", 4)
    dataset = Dataset()
    dataset.Manufacturer = "Siemens"
    dataset.ProcedureCodeSequence = Sequence([Dataset(), Dataset(), Dataset()])
    found = index(dataset)
    assert found.text(0x00080070) == "Siem"
    with pytest.raises(UnreadableObject, match="more than 2 items"):
        list(found.items(0x00081032))
    dataset.StationName, dataset.StudyDescription = "CT1", "Chest"
    with pytest.raises(UnreadableObject, match="more than 3 elements"):
        index(dataset)
