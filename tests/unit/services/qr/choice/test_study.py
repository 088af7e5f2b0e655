from dataclasses import replace

from services.qr.choice.study import classes_of
from shared.jobs.options import ModalityClass
from tests.unit.services.qr.choice.series import (
    CT_IMAGE,
    ESR,
    PET_IMAGE,
    RDSR,
    RRDSR,
    chosen,
    job_options,
    kept,
    series,
)

ALL = ("CT", "MG", "FL", "DX", "NM")


def test_a_pet_ct_gives_ct_and_nuclear_medicine() -> None:
    study = [series(1, "CT", CT_IMAGE), series(2, "PT", PET_IMAGE, PET_IMAGE), series(3, "SR", RDSR, RRDSR)]
    choice = chosen(study, job_options(*ALL))
    assert choice.classes == (ModalityClass.CT, ModalityClass.NM)
    assert kept(choice) == {2: ("1.2.1",), 3: ("1.3.1", "1.3.2")}
    assert choice.reason == (
        "CT: kept RDSR series 3; 2 image series not needed; "
        "NM: kept RRDSR series 3, first PET image series 2; 1 image series not needed"
    )


def test_a_study_of_two_radiograph_classes_gives_both() -> None:
    study = [series(1, "MG", CT_IMAGE), series(2, "CR", CT_IMAGE), series(3, "SR", ESR)]
    assert set(kept(chosen(study, job_options(*ALL)))) == {1, 2}
    assert set(kept(chosen(study, job_options("MG")))) == {1}


def test_a_study_of_an_unwanted_modality_is_dropped_and_says_so() -> None:
    choice = chosen([series(1, "US", CT_IMAGE)], job_options("CT"), modalities=frozenset({"US", "SR"}))
    assert choice.wanted == ()
    assert choice.reason == "no modality of CT: its modalities are SR, US"


def test_modalities_are_built_from_the_series_where_the_node_gives_none() -> None:
    study = [series(1, "CT", CT_IMAGE, description="x"), series(2, "SR", RDSR)]
    assert set(kept(chosen(study, job_options("CT")))) == {2}


def test_report_only_means_exactly_that() -> None:
    assert classes_of(frozenset({"SR"}), [ModalityClass.SR]) == (ModalityClass.SR,)
    assert classes_of(frozenset({"SR", "CT"}), [ModalityClass.SR]) == ()
    choice = chosen([series(1, "SR", RDSR), series(2, "CT", CT_IMAGE)], job_options("SR"))
    assert choice.reason == "not only structured reports: its modalities are CT, SR"


def test_the_filter_at_series_level_takes_series_away_before_the_choice() -> None:
    ours, theirs = replace(series(1, "SR", RDSR), station_name="CT1"), replace(series(2, "SR", RDSR), station_name="X")
    study = [series(3, "CT", CT_IMAGE), ours, theirs]
    choice = chosen(study, job_options("CT", station_name_include=["ct1"]))
    assert set(kept(choice)) == {1}
    assert choice.reason.endswith("1 of 3 series dropped: station name of the series contains none of 'ct1'")
    assert [decision.reason for decision in choice.decisions if decision.series is theirs] == []
    at_study_level = job_options("CT", station_name_include=["ct1"], station_name_at_study_level=True)
    assert set(kept(chosen(study, at_study_level))) == {1, 2}


def test_what_two_classes_want_of_a_series_is_joined() -> None:
    study = [series(1, "CT", CT_IMAGE), series(2, "NM", CT_IMAGE), series(3, "SR", RRDSR, RDSR, RRDSR)]
    assert kept(chosen(study, job_options("CT", "NM"))) == {3: ("1.3.2", "1.3.1", "1.3.3")}


def test_without_classes_everything_is_wanted() -> None:
    study = [series(1, "US", CT_IMAGE), series(2, "SR", None), series(3, "KO", ESR, description="Key")]
    choice = chosen(study, job_options())
    assert kept(choice) == {1: None, 2: None, 3: None}
    assert choice.classes == ()
    assert choice.reason == "everything: 3 series"
    assert all(decision.is_whole for decision in choice.decisions)


def test_without_classes_the_filter_at_series_level_holds_too() -> None:
    study = [replace(series(1, "US", CT_IMAGE), station_name="US01"), series(2, "US", CT_IMAGE)]
    choice = chosen(study, job_options(station_name_exclude=["us0"]))
    assert kept(choice) == {2: None}
    assert choice.reason == "everything: 1 series; 1 of 2 series dropped: " + choice.decisions[0].reason
