"""Mammography dose reports from content items to the document."""

import pytest
from pydicom.dataset import Dataset

from tests.helpers.objects.content_items import coded, num, report
from tests.helpers.objects.projection_items import PROCEDURE, accumulated, irradiation
from tests.unit.services.importer.extract.conftest import Extract


def test_a_mammography_report(document: Extract) -> None:
    def agd(value: str, code: str, meaning: str) -> Dataset:
        side = coded("G-C171", "Laterality", code, meaning)
        return num("111637", "Accumulated Average Glandular Dose", value, "dGy", side)

    event = irradiation(
        num("111631", "Average Glandular Dose", "1.3", "mGy"),
        coded("111031", "Image View", "R-10242", "cranio-caudal"),
        num("111633", "Compression Thickness", "43", "mm"),
    )
    found = document(
        report(
            coded("121058", "Procedure reported", "P5-40010", "Mammography"),
            accumulated(agd("0.013", "80248007", "Left breast"), agd("0.02", "?", "Right breast"), agd("1", "?", "?")),
            event,
        )
    )
    assert found["study"]["modality"] == "MG"
    assert found["outcome"]["object_kind"] == "mg_dose_sr"
    assert found["mg"]["accumulated"]["left"]["agd_mgy"] == pytest.approx(1.3)
    assert found["mg"]["accumulated"]["right"]["agd_mgy"] == pytest.approx(2)
    assert len(found["mg"]["accumulated"]) == 2
    assert any("of which breast" in warning for warning in found["outcome"]["warnings"])
    assert found["mg"]["events"][0]["agd_mgy"] == 1.3
    assert found["mg"]["events"][0]["view"] == "cranio-caudal"
    assert found["xray"] == {"plane_count": 1}


@pytest.mark.parametrize("before", [True, False])
def test_the_breast_may_stand_beside_its_dose(document: Extract, before: bool) -> None:
    def pair(value: str, meaning: str) -> list[Dataset]:
        dose = num("111637", "Accumulated Average Glandular Dose", value, "mGy")
        side = coded("G-C171", "Laterality", "?", meaning)
        return [side, dose] if before else [dose, side]

    left, right = pair("1", "Left breast"), pair("2", "Right breast")
    items = [accumulated(*left), accumulated(*right)] if before else [accumulated(*left, *right)]
    found = document(report(coded("121058", "Procedure reported", "71651007", "Mammography"), *items))
    assert {breast: one["agd_mgy"] for breast, one in found["mg"]["accumulated"].items()} == {"left": 1, "right": 2}


def test_a_glandular_dose_of_zero_does_not_make_a_mammography(document: Extract) -> None:
    found = document(report(PROCEDURE, irradiation(num("111631", "Average Glandular Dose", "0", "mGy"))))
    assert found["study"]["modality"] == "DX"


def test_what_mammography_adds_to_an_event(document: Extract) -> None:
    view = coded(
        "111031",
        "Image View",
        "R-10226",
        "medio-lateral oblique",
        coded("111032", "Image View Modifier", "R-102D6", "Spot Compression"),
        coded("111032", "Image View Modifier", "R-102D7", "Magnification"),
    )
    items = view, num("111046", "Percent Fibroglandular Tissue", "22", "%"), num("111647", "Compression", "8", "daN")
    procedure = coded("121058", "Procedure reported", "P5-40010", "Mammography")
    [event] = document(report(procedure, irradiation(*items)))["mg"]["events"]
    assert (event["view"], event["view_modifiers"]) == ("medio-lateral oblique", ["Spot Compression", "Magnification"])
    assert (event["percent_fibroglandular"], event["compression_force_n"]) == (22, 80)


def test_a_report_that_states_glandular_dose_is_mammography_whatever_it_calls_itself(document: Extract) -> None:
    found = document(report(PROCEDURE, irradiation(num("111631", "Average Glandular Dose", "1.3", "mGy"))))
    assert found["study"]["modality"] == "MG"
