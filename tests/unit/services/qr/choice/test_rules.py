import pytest

from services.qr.choice.found import Instance, Series
from services.qr.choice.known import without_known
from services.qr.choice.study import reports_first
from tests.unit.services.qr.choice.series import (
    BASIC_SR,
    CT_IMAGE,
    ESR,
    NM_IMAGE,
    PET_IMAGE,
    RDSR,
    RRDSR,
    SECONDARY_CAPTURE,
    chosen,
    job_options,
    kept,
    series,
)

EMPTY = series(2, "SR", count=1)
UNCLASSIFIED = series(2, "SR", None, None)


@pytest.mark.parametrize(
    ("modality_class", "modality", "report", "wanted"),
    [
        ("CT", "CT", RDSR, True),
        ("CT", "CT", ESR, True),
        ("CT", "CT", BASIC_SR, False),
        ("CT", "CT", RRDSR, False),
        ("MG", "MG", RDSR, True),
        ("MG", "MG", ESR, False),
        ("DX", "PX", RDSR, True),
        ("DX", "CR", ESR, False),
        ("FL", "XA", RDSR, True),
        ("FL", "RF", ESR, True),
        ("FL", "RF", BASIC_SR, False),
        ("NM", "PT", RRDSR, True),
        ("NM", "NM", RDSR, False),
    ],
)
def test_which_reports_a_class_wants(modality_class: str, modality: str, report: str, wanted: bool) -> None:
    study = [series(1, modality, CT_IMAGE, count=200), series(9, "SR", report)]
    assert (9 in kept(chosen(study, job_options(modality_class)))) is wanted


@pytest.mark.parametrize("modality", ["MG", "DX", "CR", "PX"])
def test_radiographs_come_as_images_where_there_is_no_dose_report(modality: str) -> None:
    study = [series(1, modality, CT_IMAGE), series(2, modality, CT_IMAGE), series(3, "PR", CT_IMAGE)]
    choice = chosen(study, job_options("MG", "DX"))
    assert kept(choice) == {1: None, 2: None}
    name = "MG" if modality == "MG" else "DX"
    assert choice.reason == f"{name}: kept image series 1, 2; no RDSR; 1 image series not needed"


@pytest.mark.parametrize("modality", ["RF", "XA"])
def test_images_of_fluoroscopy_are_never_wanted(modality: str) -> None:
    choice = chosen([series(1, modality, CT_IMAGE), series(2, "SR", BASIC_SR)], job_options("FL"))
    assert kept(choice) == {}
    assert choice.reason == "FL: no RDSR or Enhanced SR (series 2 is Basic Text SR Storage)"


@pytest.mark.parametrize(("modality_class", "modality"), [("CT", "CT"), ("FL", "RF"), ("MG", "MG"), ("DX", "DX")])
def test_an_sr_series_that_answers_nothing_comes_only_where_it_was_asked_for(
    modality_class: str, modality: str
) -> None:
    study = [series(1, modality, CT_IMAGE, description="thorax"), EMPTY]
    assert kept(chosen(study, job_options(modality_class, empty_sr=True))) == {2: None}
    without = chosen(study, job_options(modality_class))
    assert 2 not in kept(without)
    assert "SR series 2 answers nothing at image level (the option for empty SR series fetches it)" in without.reason


@pytest.mark.parametrize(
    ("modality_class", "modality", "images"), [("CT", "CT", {1}), ("FL", "RF", set()), ("MG", "MG", {1})]
)
def test_a_report_of_unknown_class_comes_beside_what_would_come_anyway(
    modality_class: str, modality: str, images: set[int]
) -> None:
    study = [series(1, modality, CT_IMAGE), UNCLASSIFIED]
    choice = chosen(study, job_options(modality_class))
    assert kept(choice) == dict.fromkeys(images | {2})
    assert "SR of unknown SOP class series 2" in choice.reason


@pytest.mark.parametrize(
    ("modality_class", "modality", "report"),
    [
        ("CT", "CT", RDSR),
        ("MG", "MG", RDSR),
        ("FL", "XA", ESR),
        ("DX", "CR", RDSR),
        ("NM", "NM", RRDSR),
        ("SR", "SR", RRDSR),
    ],
)
def test_a_report_of_unknown_class_comes_beside_those_that_were_received(
    modality_class: str, modality: str, report: str
) -> None:
    first = series(1, modality, BASIC_SR if modality == "SR" else CT_IMAGE)
    grown, further = series(501, "SR", report, None), series(502, "SR", None)
    choice = reports_first(chosen([first, grown, further], job_options(modality_class)))
    assert kept(choice) == {501: ("1.501.1", "1.501.2"), 502: None}
    assert kept(without_known(choice, {"1.1.1", "1.501.1"})) == {501: ("1.501.2",), 502: None}


def test_a_dose_report_goes_before_reports_of_other_classes() -> None:
    study = [series(1, "CT", CT_IMAGE), series(2, "SR", ESR), series(3, "SR", BASIC_SR), series(501, "SR", RDSR)]
    choice = chosen(study, job_options("CT"))
    assert kept(choice) == {501: None}
    assert choice.reason == "CT: kept RDSR series 501; 3 other series not needed"


def test_of_a_series_with_reports_of_several_classes_only_the_dose_reports_come() -> None:
    choice = chosen([series(1, "CT", CT_IMAGE), series(2, "SR", BASIC_SR, RDSR, RDSR)], job_options("CT"))
    assert kept(choice) == {2: ("1.2.2", "1.2.3")}


def test_dose_info_goes_before_small_and_legacy_series() -> None:
    study = [series(1, "CT", CT_IMAGE), series(2, "SC", SECONDARY_CAPTURE, description=" Dose Info ")]
    for legacy in (False, True):
        assert kept(chosen(study, job_options("CT", legacy_ct=legacy))) == {2: None}


def test_legacy_ct_wants_first_images_and_all_secondary_captures() -> None:
    study = [
        series(1, "CT", CT_IMAGE, CT_IMAGE, CT_IMAGE, description="thorax"),
        series(2, "CT", SECONDARY_CAPTURE, SECONDARY_CAPTURE, description="summary"),
        series(3, "SC", None, None, description="protocol"),
        series(4, "PT", PET_IMAGE, description="pet"),
        series(5, "CT", description="answers nothing"),
    ]
    choice = chosen(study, job_options("CT", legacy_ct=True))
    assert kept(choice) == {1: ("1.1.1",), 2: None, 3: None}
    assert choice.reason.startswith("CT: kept first image series 1, secondary capture series 2, 3; no RDSR")


def test_small_series_come_only_where_no_series_has_a_description() -> None:
    study = [series(1, "CT", count=6), series(2, "CT", count=5), series(3, "CT")]
    assert kept(chosen(study, job_options("CT"))) == {2: None, 3: None}
    described = [*study, series(4, "CT", count=500, description="thorax")]
    choice = chosen(described, job_options("CT"))
    assert kept(choice) == {}
    assert choice.reason == "CT: no RDSR or Enhanced SR, and no series that may hold a dose summary"


def test_a_description_of_any_series_shows_that_the_node_tells_them() -> None:
    study = [series(1, "CT", count=1), series(2, "SR", BASIC_SR, description="Findings")]
    assert kept(chosen(study, job_options("CT"))) == {}


def test_small_series_come_where_legacy_ct_finds_no_image() -> None:
    study = [series(1, "CT", count=3), series(2, "CT", count=300)]
    assert kept(chosen(study, job_options("CT", legacy_ct=True))) == {1: None}


def test_nuclear_medicine_wants_the_report_and_the_first_image_of_each_pet_series() -> None:
    study = [
        series(1, "SR", RRDSR),
        series(2, "PT", PET_IMAGE, PET_IMAGE),
        series(3, "PT", PET_IMAGE),
        series(4, "NM", NM_IMAGE),
        series(5, "PT", SECONDARY_CAPTURE),
    ]
    choice = chosen(study, job_options("NM"))
    assert kept(choice) == {1: None, 2: ("1.2.1",), 3: ("1.3.1",)}


def test_one_nm_image_comes_where_there_is_neither_report_nor_pet() -> None:
    study = [series(7, "NM", NM_IMAGE, NM_IMAGE), series(6, "NM", NM_IMAGE, NM_IMAGE), series(8, "SR", BASIC_SR)]
    assert kept(chosen(study, job_options("NM"))) == {6: ("1.6.1",)}
    empty = [*study, series(9, "SR")]
    assert kept(chosen(empty, job_options("NM", empty_sr=True))) == {6: ("1.6.1",), 9: None}


@pytest.mark.parametrize(
    ("reports", "wanted"),
    [
        ([RDSR, RRDSR, ESR], {1, 2}),
        ([BASIC_SR, ESR], {2}),
        ([BASIC_SR], set()),
    ],
)
def test_studies_of_reports_only(reports: list[str], wanted: set[int]) -> None:
    study = [series(number, "SR", report) for number, report in enumerate(reports, 1)]
    assert set(kept(chosen(study, job_options("SR")))) == wanted


def test_the_first_image_is_that_with_the_lowest_number() -> None:
    unnumbered, second, first = Instance("1.1"), Instance("1.2", None, 2), Instance("1.3", None, 1)
    assert Series("1", instances=(unnumbered, second, first)).first == first
    assert Series("1", instances=(unnumbered,)).first == unnumbered
    assert Series("1", instances=()).first is None
