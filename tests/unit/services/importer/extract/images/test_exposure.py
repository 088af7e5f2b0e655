"""Radiography and mammography images from the header to the document."""

from typing import Any

import pytest

from services.importer.extract.images.exposure import field_area, filters, grids
from tests.helpers.objects.content_items import code
from tests.helpers.objects.image_headers import image, radiopharmaceutical
from tests.unit.services.importer.extract.conftest import Extract


def test_a_radiograph_is_one_exposure(document: Extract) -> None:
    found = document(
        image(
            "1.1",
            Modality="DX",
            KVP="70",
            ImageAndFluoroscopyAreaDoseProduct="11.013",
            ExposureInuAs="1040",
            Exposure="1",
            Grid=["FIXED", "FOCUSED"],
            FieldOfViewDimensions=[400, 300],
            AnatomicRegionSequence=[code("T-D4000", "Abdomen", "SRT")],
            ImageLaterality="L",
        )
    )
    assert found["outcome"]["object_kind"] == "radiography_image_header"
    assert found["study"]["modality"] == "DX"
    xray = found["xray"]
    [event] = xray["events"]
    assert (xray["events_count"], xray["plane_count"]) == (1, 1)
    assert xray["total_dap_gy_m2"] == event["dap_gy_m2"] == 0.00011013
    assert event["raw"] == {"dap_gy_m2": {"value": 11.013, "unit": "dGy.cm2"}}
    assert event["exposure_uas"] == 1040
    assert event["grid"] == ["Fixed grid", "Focused grid"]
    assert event["collimated_field_area_m2"] == 0.12
    assert event["anatomical_structure"] == "Abdomen"
    assert event["laterality"] == "Left"
    assert event["irradiation_event_uid"] == "1.2.826.0.1.3680043.8.498.7"
    assert "irradiation_event_uid" in event["derived"]


def test_the_images_own_event_uid_counts(document: Extract) -> None:
    [event] = document(image("1.1", IrradiationEventUID="1.2.3.4"))["xray"]["events"]
    assert event["irradiation_event_uid"] == "1.2.3.4"
    assert "irradiation_event_uid" not in event["derived"]


def test_exposure_in_mas_becomes_uas(document: Extract) -> None:
    [event] = document(image("1", Exposure="10", ExposureTime="19"))["xray"]["events"]
    assert event["exposure_uas"] == 10_000
    assert event["exposure_time_ms"] == 19


@pytest.mark.parametrize(
    ("header", "started_at"),
    [
        (
            {"AcquisitionDate": "20260315", "AcquisitionTime": "100000", "ContentDate": "20260101"},
            "2026-03-15T10:00:00",
        ),
        ({"AcquisitionDateTime": "20260315100001"}, "2026-03-15T10:00:01"),
        ({"ContentDate": "20260316", "ContentTime": "1100"}, "2026-03-16T11:00:00"),
        ({"AcquisitionTime": "100000"}, "2026-03-14T10:00:00"),
        ({"AcquisitionTime": "000000.5", "ContentTime": "100000"}, "2026-03-14T00:00:00.500000"),
        ({"AcquisitionTime": "100000", "ContentDate": "20260316"}, "2026-03-16T10:00:00"),
        ({"AcquisitionDateTime": "20260315100001+0100", "AcquisitionTime": "1100"}, "2026-03-15T10:00:01"),
        ({"StudyDate": ""}, None),
    ],
)
def test_when_an_image_was_acquired(document: Extract, header: dict[str, str], started_at: str | None) -> None:
    [event] = document(image("1.1", **header))["xray"]["events"]
    assert event.get("started_at") == started_at


def test_an_image_without_date_stays_without(document: Extract) -> None:
    found = document(image("1.1", StudyDate="", ContentDate="20260101"))
    assert "study_date" not in found["study"]
    assert "the study date is missing" in found["outcome"]["warnings"]


def test_kodak_writes_the_distance_in_decimetres(document: Extract) -> None:
    [event] = document(image("1", ManufacturerModelName="DR 7500", DistanceSourceToDetector="11.5"))["xray"]["events"]
    assert event["distance_source_to_detector_mm"] == 1150
    assert event["raw"]["distance_source_to_detector_mm"] == {"value": 11.5, "unit": "dm"}


def test_what_a_model_does_is_known_by_part_of_its_name(document: Extract) -> None:
    dataset = image("1", ManufacturerModelName="Kodak DirectView dr 7500", DistanceSourceToDetector="11.5")
    assert document(dataset)["xray"]["events"][0]["distance_source_to_detector_mm"] == 1150


@pytest.mark.parametrize(
    ("header", "protocol"),
    [
        ({"ProtocolName": "Hand AP", "SeriesDescription": "Hand", "ImageComments": "note"}, "Hand AP"),
        ({"SeriesDescription": "Hand", "ImageComments": "note"}, "Hand"),
        ({"SoftwareVersions": "TM_TFD_1.0", "SeriesDescription": "Hand", "ImageComments": "Knee"}, "Knee"),
        ({"SoftwareVersions": ["V1", "TM_TFD_1.0"], "SeriesDescription": "Hand"}, "Hand"),
        ({"SoftwareVersions": "TM_TFD_1.0", "ProtocolName": "Hand AP", "ImageComments": "Knee"}, "Hand AP"),
        ({"PerformedProtocolCodeSequence": [code("1", "Foot", "L")]}, "Foot"),
        ({}, None),
    ],
)
def test_where_devices_put_the_protocol(document: Extract, header: dict[str, object], protocol: str | None) -> None:
    [event] = document(image("1.1", **header))["xray"]["events"]
    assert event.get("acquisition_protocol") == protocol


@pytest.mark.parametrize(
    ("header", "view"),
    [
        ({"ViewPosition": "AP"}, "antero-posterior"),
        ({"ViewPosition": "LLD"}, "left lateral decubitus"),
        ({"ViewPosition": "SKYLINE"}, "SKYLINE"),
        ({"ViewPosition": "AP", "ViewCodeSequence": [code("R-10214", "postero-anterior", "SRT")]}, "postero-anterior"),
        ({}, None),
    ],
)
def test_the_view_is_coded_or_else_a_position(document: Extract, header: dict[str, object], view: str | None) -> None:
    [event] = document(image("1.1", **header))["xray"]["events"]
    assert event.get("image_view") == view


def test_modifiers_of_the_view(document: Extract) -> None:
    view = code("R-10242", "cranio-caudal", "SRT")
    view.ViewModifierCodeSequence = [code("R-102D5", "Magnification", "SRT"), code("R-102D6", "Spot", "SRT")]
    assert document(image("1.2", ViewCodeSequence=[view]))["mg"]["events"][0]["view_modifiers"] == [
        "Magnification",
        "Spot",
    ]


@pytest.mark.parametrize(
    ("manufacturer", "unit"),
    [("FUJI PHOTO FILM", "S"), ("KODAK", "EI (mbel)"), ("Agfa-Gevaert", "lgM (bel)"), ("ACME", None), (None, None)],
)
def test_relative_exposure_is_what_the_manufacturer_means(
    document: Extract, manufacturer: str | None, unit: str | None
) -> None:
    header = {"Manufacturer": manufacturer} if manufacturer else {}
    [event] = document(image("1", RelativeXRayExposure="200", **header))["xray"]["events"]
    assert event["relative_xray_exposure"] == 200
    assert event.get("relative_xray_exposure_unit") == unit


def test_a_zero_gives_way_to_a_number_elsewhere(document: Extract) -> None:
    [event] = document(image("1.1", ExposureInuAs="0", Exposure="5", ExposureTime="0", XRayTubeCurrent="0"))["xray"][
        "events"
    ]
    assert event["exposure_uas"] == 5000
    assert event["exposure_time_ms"] == event["avg_tube_current_ma"] == 0


def test_of_several_values_the_first_is_taken_and_all_are_kept(document: Extract) -> None:
    [event] = document(image("1.1", FocalSpots=["0.6", "1.2"], EntranceDose=[2, 2]))["xray"]["events"]
    assert event["focal_spot_mm"] == 0.6
    assert event["raw"]["focal_spot_mm"] == {"value": [0.6, 1.2], "unit": "mm"}
    assert event["raw"]["entrance_exposure_mgy"] == {"value": [2, 2], "unit": "dGy"}


@pytest.mark.parametrize("value", ["161.3", "161.3 "])
def test_a_decimal_in_an_integer_keeps_its_precision(document: Extract, value: str) -> None:
    dataset = image("1.1")
    dataset.add_new("ExposureInuAs", "LO", value)
    assert document(dataset)["xray"]["events"][0]["exposure_uas"] == 161.3


def test_body_part_and_anatomic_region_stand_in_for_each_other(document: Extract) -> None:
    region = [code("T-D4000", "Abdomen", "SRT")]
    assert document(image("1.1", AnatomicRegionSequence=region))["xray"]["events"][0]["region"] == "Abdomen"
    named = document(image("1.1", AnatomicRegionSequence=region, BodyPartExamined="ABDOMEN"))["xray"]["events"][0]
    assert named["region"] == "ABDOMEN"
    assert "region" not in named["derived"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (None, []),
        ("NONE", ["No grid"]),
        ("RECIPROCATING | FO", ["Reciprocating grid", "Focused grid"]),
        ("F", ["F"]),
        ("SLIDING", ["SLIDING"]),
    ],
)
def test_grids(written: str | None, found: list[str]) -> None:
    assert grids(written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ((None, None, None, None), []),
        (("NONE", None, None, None), [{"type": "No filter"}]),
        (
            ("WEDGE", "ALUMINUM", "1.06", "0.94"),
            [
                {
                    "material": "Aluminum or Aluminum compound",
                    "thickness_min_mm": 0.94,
                    "thickness_max_mm": 1.06,
                    "type": "Wedge filter",
                }
            ],
        ),
        (
            (None, "ALUMINUM,COPPER", "1.06,0.206", "0.94,0.194"),
            [
                {"material": "Aluminum or Aluminum compound", "thickness_min_mm": 0.94, "thickness_max_mm": 1.06},
                {"material": "Copper or Copper compound", "thickness_min_mm": 0.194, "thickness_max_mm": 0.206},
            ],
        ),
        (
            ("CU_0.2_MM", None, None, None),
            [
                {
                    "type": "Flat filter",
                    "material": "Copper or Copper compound",
                    "thickness_min_mm": 0.2,
                    "thickness_max_mm": 0.2,
                }
            ],
        ),
        (
            (None, "COPPER", "0,2", "0,3"),
            [{"material": "Copper or Copper compound", "thickness_min_mm": 0.2, "thickness_max_mm": 0.3}],
        ),
        (
            ("FLAT\\WEDGE", "Cu\\AL", "0.1\\1", "0.1\\2"),
            [
                {
                    "material": "Copper or Copper compound",
                    "thickness_min_mm": 0.1,
                    "thickness_max_mm": 0.1,
                    "type": "Flat filter",
                },
                {
                    "material": "Aluminum or Aluminum compound",
                    "thickness_min_mm": 1,
                    "thickness_max_mm": 2,
                    "type": "Wedge filter",
                },
            ],
        ),
        (("Inherent", None, None, None), [{"type": "Inherent"}]),
        ((None, "UNOBTAINIUM", "thin", None), [{"material": "UNOBTAINIUM"}]),
    ],
)
def test_filters(written: tuple[str | None, ...], found: list[dict[str, Any]]) -> None:
    assert filters(*written) == found


def test_fields_of_view() -> None:
    assert field_area((428, 428), "RECTANGLE") == pytest.approx(0.183184)
    assert field_area((200,), "ROUND") == pytest.approx(0.0314159, rel=1e-5)
    assert field_area((200,), None) == 0.04
    assert field_area((), None) is None
    assert field_area((0, 100), None) is None


def test_a_mammogram(document: Extract) -> None:
    dataset = image(
        "1.2",
        Modality="MG",
        OrganDose="0.00547",
        EntranceDoseInmGy="1.694",
        AnodeTargetMaterial="MOLYBDENUM",
        ImageLaterality="R",
        ViewCodeSequence=[code("R-10242", "cranio-caudal", "SRT")],
        CommentsOnRadiationDose="80 %",
        CompressionForce="30",
    )
    dataset.private_block(0x0045, "OTHER", create=True)
    dataset.private_block(0x0045, "GEMS_SENO_02", create=True).add_new(0x49, "DS", "21")
    found = document(dataset)
    assert found["study"]["modality"] == "MG"
    assert found["mg"]["accumulated"]["right"]["agd_mgy"] == 0.547
    [event] = found["mg"]["events"]
    assert event["agd_mgy"] == 0.547
    assert event["view"] == "cranio-caudal"
    assert event["anode"] == "Molybdenum or Molybdenum compound"
    assert event["percent_fibroglandular"] == 80
    assert event["radiological_thickness_mm"] == 21
    assert event["entrance_exposure_mgy"] == 1.694


def test_entrance_dose_in_dgy_is_the_fall_back_unless_it_is_zero(document: Extract) -> None:
    [event] = document(image("1.2", EntranceDose=2))["mg"]["events"]
    assert event["entrance_exposure_mgy"] == 200
    [event] = document(image("1.2", EntranceDose=0))["mg"]["events"]
    assert "entrance_exposure_mgy" not in event


def test_a_panoramic_image_is_a_radiograph(document: Extract) -> None:
    found = document(image("1.1", Modality="PX", KVP="80"))
    assert (found["object"]["dicom_modality"], found["study"]["modality"]) == ("PX", "DX")


def test_a_hologic_projection_has_its_laterality_in_the_series(document: Extract) -> None:
    dataset = image("7", Modality="MG", ImageType=["ORIGINAL", "PRIMARY"], Laterality="L", OrganDose="0.012")
    found = document(dataset)
    assert found["study"]["modality"] == "MG"
    assert found["mg"]["accumulated"] == {"left": {"agd_mgy": 1.2, "derived": ["agd_mgy"]}}


@pytest.mark.parametrize(
    "header",
    [
        {"StudyTime": ""},
        {"StudyDate": "", "StudyTime": ""},
        {"DateOfLastCalibration": ["20200101", "20210101"], "TimeOfLastCalibration": ["1000", "1100"]},
        {"SoftwareVersions": [f"V{number}" for number in range(41)]},
    ],
)
@pytest.mark.parametrize("kind", ["1.1", "1.2", "7", "20"])
def test_no_image_fails_for_a_missing_time_or_an_odd_list(
    document: Extract, kind: str, header: dict[str, object]
) -> None:
    of_kind: dict[str, dict[str, object]] = {
        "7": {"Manufacturer": "Philips", "SeriesDescription": "Dose Info", "ExposureDoseSequence": []},
        "20": {"RadiopharmaceuticalInformationSequence": [radiopharmaceutical()]},
    }
    found = document(image(kind, **(of_kind.get(kind, {}) | header)))
    assert found["outcome"]["accepted"]
    assert ("study_time" in found["study"]) is ("StudyTime" not in header)


def test_what_is_no_number_or_not_of_its_length_is_unknown(document: Extract) -> None:
    dataset = image("1.1", KVP="70")
    dataset.add_new("PatientSize", "LO", "tall")
    dataset.add_new("ExposureTime", "LO", "12\0")
    dataset.add_new("DistanceSourceToDetector", "OB", b"\1\2")
    found = document(dataset)
    assert "patient_size_m" not in found["study"]
    assert "patient_size_m is not a number" in found["outcome"]["warnings"]
    [event] = found["xray"]["events"]
    assert (event["kvp"], event["exposure_time_ms"]) == (70, 12)
    assert "distance_source_to_detector_mm" not in event
