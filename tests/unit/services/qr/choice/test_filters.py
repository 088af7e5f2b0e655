import pytest

from services.qr.choice.filters import TextFilter, series_objection, study_objection
from tests.unit.services.qr.choice.series import job_options


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_value_always_passes(value: str | None) -> None:
    assert TextFilter("name", include=["a"], exclude=["b"]).objection(value) is None


@pytest.mark.parametrize(
    ("value", "objection"),
    [
        ("Head CT", None),
        ("HEAD and IMPORTED", "name contains 'imported', which is excluded"),
        ("Thorax", "name contains none of 'head', 'neck'"),
        ("neck", None),
    ],
)
def test_any_term_in_any_case(value: str, objection: str | None) -> None:
    assert TextFilter("name", include=["head", "neck"], exclude=["imported"]).objection(value) == objection


def test_station_names_are_compared_at_one_level_only() -> None:
    at_series = job_options("CT", station_name_exclude=["bad"])
    at_study = job_options("CT", station_name_exclude=["bad"], station_name_at_study_level=True)
    assert study_objection(description=None, station_name="BAD", options=at_series) is None
    assert series_objection(station_name="BAD", options=at_series) == (
        "station name of the series contains 'bad', which is excluded"
    )
    assert series_objection(station_name="BAD", options=at_study) is None
    assert study_objection(description=None, station_name="BAD", options=at_study) == (
        "station name of the study contains 'bad', which is excluded"
    )


def test_descriptions_are_compared_at_study_level() -> None:
    options = job_options("CT", description_exclude=[" Imported "])
    assert study_objection(description="Imported CT", station_name=None, options=options) == (
        "study description contains 'imported', which is excluded"
    )
