"""Philips CT dose info images from the header to the document."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from services.importer.extract import extract
from services.importer.extract.images.philips_ct import event_uid
from shared.dicom.uid import is_valid_uid
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES, part10_bytes
from tests.helpers.objects.image_headers import image, item
from tests.unit.services.importer.extract.conftest import Extract


def exposure(kind: str, dlp: str) -> Dataset:
    dataset = item(
        AcquisitionDateTime="20260314092001.5",
        AcquisitionType=kind,
        CTDIvol=7.5,
        XRayTubeCurrentInuA="165044",
        ExposureTime="6986",
        KVP="120",
    )
    dataset.private_block(0x00E1, "ELSCINT1", create=True).add_new(0x21, "DS", dlp)
    dataset.private_block(0x01E1, "ELSCINT1", create=True).add_new(0x26, "SH", "16 CM")
    return dataset


def test_a_philips_dose_info_image(document: Extract) -> None:
    dataset = image(
        "7",
        Manufacturer="Philips",
        SeriesDescription="Dose Info",
        StudyDescription="CT chest",
        ProtocolName="Thorax",
        TotalNumberOfExposures=2,
        ExposureDoseSequence=[exposure("SPIRAL", "196.01"), item(KVP="120"), exposure("CONSTANT_ANGLE", "3")],
    )
    dataset.private_block(0x00E1, "ELSCINT1", create=True).add_new(0x21, "DS", "199.01")
    found = document(dataset)
    assert found["study"]["modality"] == "CT"
    assert found["study"]["study_description"] == "Thorax"
    assert found["study"]["study_description_object"] == "CT chest"
    ct = found["ct"]
    assert ct["total_dlp_mgy_cm"] == 199.01
    assert ct["count_by_type"]["spiral"] == ct["count_by_type"]["constant_angle"] == 1
    first, second = ct["events"]
    assert first["dlp_mgy_cm"] == 196.01
    assert first["tube_current_ma"] == 165.044
    assert first["exposure_time_s"] == 6.986
    assert first["phantom_type"] == "IEC Head Dosimetry Phantom"
    assert first["irradiation_event_uid"] != second["irradiation_event_uid"]
    assert first["started_at"] == "2026-03-14T09:20:01.500000"


def test_generated_event_uids_are_valid_and_always_the_same() -> None:
    assert event_uid("1.2.3", 1) == event_uid("1.2.3", 1)
    assert len({event_uid(uid, position) for uid in ("1.2.3", "1.2.4") for position in range(50)}) == 100
    assert is_valid_uid(event_uid("1.2.3", 1))


@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES)
def test_every_transfer_syntax_gives_the_same_numbers(tmp_path: Path, transfer_syntax: str) -> None:
    dataset = image(
        "7",
        Manufacturer="Philips",
        SeriesDescription="Dose Info",
        TotalNumberOfExposures=1,
        ExposureDoseSequence=[exposure("SPIRAL", "196.01")],
    )
    path = tmp_path / "object.dcm"
    path.write_bytes(part10_bytes(dataset, transfer_syntax))
    ct = extract(path).to_json()["ct"]
    assert ct["irradiation_event_count"] == 1
    assert (ct["events"][0]["ctdivol_mgy"], ct["events"][0]["dlp_mgy_cm"]) == (7.5, 196.01)
