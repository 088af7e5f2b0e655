import tracemalloc
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, JPEGBaseline8Bit

from shared.dicom import header, part10
from shared.dicom.header import Code, ObjectHeader, read_header
from shared.errors import UnreadableObject
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES, part10_bytes, report, text


def header_of(tmp_path: Path, data: bytes) -> ObjectHeader:
    path = tmp_path / "object.dcm"
    path.write_bytes(data)
    return read_header(path)


@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES)
def test_a_header_in_every_transfer_syntax(tmp_path: Path, transfer_syntax: str) -> None:
    dataset = report(Manufacturer="Siemens", ManufacturerModelName="Force", StationName="CT1", SeriesDescription="Dose")
    header = header_of(tmp_path, part10_bytes(dataset, transfer_syntax))
    assert header == ObjectHeader(
        sop_class_uid="1.2.840.10008.5.1.4.1.1.88.67",
        sop_instance_uid="1.2.826.0.1.3680043.8.498.2",
        study_instance_uid="1.2.826.0.1.3680043.8.498.1",
        series_instance_uid="1.2.826.0.1.3680043.8.498.3",
        transfer_syntax_uid=transfer_syntax,
        modality="SR",
        manufacturer="Siemens",
        manufacturer_model_name="Force",
        station_name="CT1",
        series_description="Dose",
        study_date="20260314",
        study_time="091530",
        title_code=Code("113701", "DCM", "X-Ray Radiation Dose Report"),
    )


def test_the_file_meta_tells_where_an_object_came_from(tmp_path: Path) -> None:
    data = part10_bytes(report())
    meta = (
        b"\x02\0\x16\0AE\x06\0SENDER" + b"\x02\0\x18\0AE\x08\0RECEIVER" + b"\x02\0\x26\0UR\0\0\x04\0\0\x0010.1"
        b"\x02\0\0\1UI\x04\0 1.2" + b"\x02\0\2\1OB\0\0\x02\0\0\0{}"
    )
    end_of_meta = data.index(b"\x08\0\x16\0UI")
    length = int.from_bytes(data[140:144], "little") + len(meta)
    extended = data[:140] + length.to_bytes(4, "little") + data[144:end_of_meta] + meta + data[end_of_meta:]
    header = header_of(tmp_path, extended)
    assert header.source_ae_title == "SENDER"
    assert header.receiving_ae_title == "RECEIVER"
    assert header.source_presentation_address == "10.1"
    assert header.private_information_creator == "1.2"
    assert header.private_information == b"{}"


def test_pixel_data_is_not_looked_at(tmp_path: Path) -> None:
    image = Dataset()
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    image.Modality = "DX"
    data = part10_bytes(image, TRANSFER_SYNTAXES[1])
    cut_pixels = data + b"\xe0\x7f\x10\0OW\0\0\0\0\0\x10only the beginning"
    assert header_of(tmp_path, cut_pixels).modality == "DX"


def test_compressed_images_are_explicit_little_endian(tmp_path: Path) -> None:
    image = Dataset()
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.2"
    image.Modality = "MG"
    image.ImageType = ["DERIVED", "PRIMARY"]
    data = part10_bytes(image).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.50"[:20])
    header = header_of(tmp_path, data)
    assert header.transfer_syntax_uid == JPEGBaseline8Bit[:20]
    assert header.image_type == ("DERIVED", "PRIMARY")


@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES[:3])
def test_a_data_set_without_preamble_and_file_meta_is_read(tmp_path: Path, transfer_syntax: str) -> None:
    data = part10_bytes(report(), transfer_syntax)
    first = b"\0\x08\0\x16" if transfer_syntax == ExplicitVRBigEndian else b"\x08\0\x16\0"
    header = header_of(tmp_path, data[data.index(first) :])
    assert (header.modality, header.transfer_syntax_uid) == ("SR", transfer_syntax)


def test_a_file_that_is_not_written_as_it_says_is_read(tmp_path: Path) -> None:
    data = part10_bytes(report(), TRANSFER_SYNTAXES[1]).replace(
        b"\x14\x001.2.840.10008.1.2.1\0", b"\x14\x001.2.840.10008.1.2\0\0\0"
    )
    assert header_of(tmp_path, data).modality == "SR"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"DICM", "4 bytes long"),
        (b"%PDF-1.7 and so on", "no preamble"),
        (b"\0" * 128 + b"DICM", "no SOP Class UID"),
        (b"\x08\0\x60\0CS\x02\0CT", "no SOP Class UID"),
        (b"\x08\0\x60\0CS\x09\0CT", r"\(0008,0060\)"),
    ],
)
def test_what_is_not_a_dicom_object_is_refused_in_words(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableObject, match=reason):
        header_of(tmp_path, data)


def test_a_missing_file_is_not_an_unreadable_object(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_header(tmp_path / "nothing.dcm")


def test_inflating_stops_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part10, "MAX_INFLATED", 1000)
    bomb = part10_bytes(report(TextValue="0" * 100_000), DeflatedExplicitVRLittleEndian)
    assert len(bomb) < 2000
    with pytest.raises(UnreadableObject, match="larger than 1000 bytes"):
        part10.open_part10(bomb)


def test_a_header_costs_little_memory_however_much_is_deflated_behind_it(tmp_path: Path) -> None:
    data = part10_bytes(report(text("121106", "Comment", "0" * 20_000_000)), DeflatedExplicitVRLittleEndian)
    path = tmp_path / "object.dcm"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        assert read_header(path).modality == "SR"
        assert tracemalloc.get_traced_memory()[1] < 4 * header.MAX_INFLATED_HEADER
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("comments", [b"0" * 1000, bytes(2000)])
def test_a_deflated_header_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comments: bytes
) -> None:
    dataset = report(text("121106", "Comment", "0" * 1000))
    dataset.add_new(0x00104000, "LT", comments.decode())
    data = part10_bytes(dataset, DeflatedExplicitVRLittleEndian)
    assert header_of(tmp_path, data).modality == "SR"
    for limit in range(300, 1000, 50):
        monkeypatch.setattr(header, "MAX_INFLATED_HEADER", limit)
        with pytest.raises(UnreadableObject, match=f"longer than {limit} bytes"):
            header_of(tmp_path, data)


def test_a_deflated_header_that_is_cut_between_two_elements_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = part10_bytes(report(text("121106", "Comment", "0")), DeflatedExplicitVRLittleEndian)
    opened = part10.open_part10(data)
    ends = [stop for _, _, _, stop in opened.source.elements(opened.start, opened.end, opened.end, 0x0040A730)]
    for limit in ends[:-1]:
        monkeypatch.setattr(header, "MAX_INFLATED_HEADER", limit)
        with pytest.raises(UnreadableObject, match=f"longer than {limit} bytes"):
            header_of(tmp_path, data)


def test_a_deflated_data_set_that_is_cut_or_broken_is_refused(tmp_path: Path) -> None:
    data = part10_bytes(report(), DeflatedExplicitVRLittleEndian)
    with pytest.raises(UnreadableObject, match="truncated"):
        header_of(tmp_path, data[:-20])
    end_of_meta = 144 + int.from_bytes(data[140:144], "little")
    with pytest.raises(UnreadableObject, match="cannot be inflated"):
        header_of(tmp_path, data[:end_of_meta] + b"\xff" * 60)
