from dataclasses import dataclass
from datetime import date, time

import pytest

from services.config_api.pages.query_retrieve import words
from shared.jobs.options import JobOptions, ModalityClass

CT_NM = JobOptions(modalities=(ModalityClass.CT, ModalityClass.NM))


@dataclass(frozen=True)
class Query:
    date_from: date | None = date(2026, 11, 1)
    date_until: date | None = date(2026, 11, 1)
    study_instance_uid: str | None = None


def test_the_title_of_a_job() -> None:
    several = Query(date_until=date(2026, 11, 7))
    assert words.title(Query(), CT_NM) == "CT, NM of 2026-11-01"
    assert words.title(several, CT_NM) == "CT, NM of 2026-11-01 to 2026-11-07"
    assert words.title(Query(), JobOptions(modalities=(ModalityClass.SR,))) == "SR only of 2026-11-01"
    one_study = Query(None, None, "1.2.3")
    assert words.title(one_study, JobOptions()) == "Whole studies of study 1.2.3"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (time(8), time(12, 30), "2026-11-01, from 08:00 until 12:30"),
        (time(8), None, "2026-11-01, from 08:00"),
        (None, time(12), "2026-11-01, until 12:00"),
    ],
)
def test_times_of_a_day(first: time | None, last: time | None, text: str) -> None:
    assert words.period(Query(), JobOptions(time_from=first, time_until=last)) == text


def test_conditions_are_those_that_were_given() -> None:
    assert words.conditions(CT_NM) == []
    given = JobOptions(
        description_include=("thorax", "head"), station_name_exclude=("test",), legacy_ct=True, review=True
    )
    assert [(fact.label, fact.text) for fact in words.conditions(given)] == [
        ("Description holds", "thorax or head"),
        ("Station name of the series does not hold", "test"),
        ("Toshiba and GE", "CT without a report: images of each series"),
        ("Review", "by a person, before anything is retrieved"),
    ]
    at_study = given.model_copy(update={"station_name_at_study_level": True})
    assert "Station name of the study does not hold" in [fact.label for fact in words.conditions(at_study)]


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("20261101", "2026-11-01"),
        ("2026.11.01", "2026.11.01"),
        ("soon....", "soon...."),
        (None, ""),
        ("²" * 8, "²" * 8),
    ],
)
def test_a_study_date(day: str | None, text: str) -> None:
    assert words.dicom_day(day) == text


@pytest.mark.parametrize(
    ("moment", "text"), [("083059.12", "08:30"), ("0830", "08:30"), ("08", "08"), (None, ""), ("noon", "noon")]
)
def test_a_study_time(moment: str | None, text: str) -> None:
    assert words.dicom_time(moment) == text


def test_what_was_decided_of_a_series() -> None:
    assert words.decision(wanted=True, whole=True, chosen=0) == "wanted"
    assert words.decision(wanted=True, whole=False, chosen=1) == "1 of it wanted"
    assert words.decision(wanted=False, whole=False, chosen=0) == "left out"


def test_names_of_classes_and_lists() -> None:
    assert words.sop_class("1.2.840.10008.5.1.4.1.1.88.67") == "X-Ray Radiation Dose SR Storage"
    assert words.sop_class("1.2.3") == "1.2.3"
    assert words.sop_class(None) == ""
    assert words.several("CT\\PT\\SR") == "CT, PT, SR"
    assert words.listed(["CT", "", "Thorax"]) == "CT · Thorax"
