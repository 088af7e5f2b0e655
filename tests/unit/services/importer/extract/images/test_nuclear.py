"""PET and NM images from the header to the document."""

import pytest

from tests.helpers.objects.image_headers import image, item, radiopharmaceutical
from tests.unit.services.importer.extract.conftest import Extract


def test_a_pet_image_tells_administration_and_series(document: Extract) -> None:
    found = document(
        image(
            "128",
            SeriesDate="20260314",
            SeriesTime="115600",
            RadiopharmaceuticalInformationSequence=[
                radiopharmaceutical(RadionuclideTotalDose="394000000", RadiopharmaceuticalStartTime="104830")
            ],
            NumberOfSlices=476,
            ReconstructionMethod="OSEM",
            EnergyWindowRangeSequence=[item(EnergyWindowLowerLimit="435", EnergyWindowUpperLimit="585")],
            CorrectedImage=["NORM", "DECY"],
            SeriesType=["WHOLE BODY", "IMAGE"],
        )
    )
    assert found["study"]["modality"] == "NM"
    [administration] = found["nm"]["administrations"]
    assert administration["activity_mbq"] == 394
    assert administration["started_at"] == "2026-03-14T10:48:30"
    assert administration["radionuclide"] == "^18^Fluorine"
    assert found["nm"]["pet_series"] == [
        {
            "series_instance_uid": "1.2.826.0.1.3680043.8.498.3",
            "started_at": "2026-03-14T11:56:00",
            "number_of_slices": 476,
            "reconstruction_method": "OSEM",
            "energy_window_lower_kev": 435,
            "energy_window_upper_kev": 585,
            "corrections": ["NORM", "DECY"],
            "corrections_count": 2,
            "series_type": ["WHOLE BODY", "IMAGE"],
        }
    ]


@pytest.mark.parametrize(
    ("header", "date", "started_at"),
    [
        ({"StudyDate": "20260314"}, "2026-03-14", "2026-03-14T10:48:30"),
        ({"StudyDate": "", "ContentDate": "20260315"}, "2026-03-15", "2026-03-15T10:48:30"),
        ({"StudyDate": "", "SeriesDate": "20260316"}, "2026-03-16", "2026-03-16T10:48:30"),
        ({"StudyDate": ""}, None, None),
    ],
)
def test_nuclear_images_have_the_date_of_the_study_or_what_stands_in_for_it(
    document: Extract, header: dict[str, str], date: str | None, started_at: str | None
) -> None:
    found = document(
        image(
            "128",
            RadiopharmaceuticalInformationSequence=[radiopharmaceutical(RadiopharmaceuticalStartTime="104830")],
            **header,
        )
    )
    assert found["study"].get("study_date") == date
    assert found["nm"]["administrations"][0].get("started_at") == started_at


def test_a_planar_image_has_its_activity_in_mbq(document: Extract) -> None:
    dataset = image("20", RadiopharmaceuticalInformationSequence=[radiopharmaceutical(RadionuclideTotalDose="320")])
    found = document(dataset)
    assert found["nm"]["administrations"][0]["activity_mbq"] == 320
    assert "pet_series" not in found["nm"]


def test_an_activity_that_must_be_in_bq_is_flagged(document: Extract) -> None:
    dataset = image("20", RadiopharmaceuticalInformationSequence=[radiopharmaceutical(RadionuclideTotalDose="3.2e8")])
    assert "activity_high" in [flag["flag"] for flag in document(dataset)["outcome"]["flags"]]


def test_a_planar_image_without_radiopharmaceutical_is_refused(document: Extract) -> None:
    found = document(image("20"))
    assert found["outcome"]["refusal_reason"] == "nuclear medicine image without radiopharmaceutical information"
