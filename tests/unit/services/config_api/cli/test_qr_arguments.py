from datetime import date
from typing import Any

import pytest

from services.config_api.cli.qr_arguments import FIRST_DAY, Arguments, InvalidArguments, read_arguments
from shared.jobs.options import JobOptions

TODAY = date(2026, 3, 14)


def read(*modalities: str, **given: Any) -> Any:
    return read_arguments(Arguments(modalities=modalities, **given), today=TODAY)


def test_without_dates_a_job_is_about_all_days() -> None:
    job = read("CT")
    assert (job.date_from, job.date_until) == (FIRST_DAY, TODAY)
    assert (read("CT", date_from="2026-03-01").date_until) == TODAY


def test_a_single_date_may_have_times() -> None:
    job = read("MG", single_date="2018-03-19", time_from="0730", time_until="1200")
    assert (job.date_from, job.date_until) == (date(2018, 3, 19), date(2018, 3, 19))
    assert (job.options["time_from"], job.options["time_until"]) == ("07:30:00", "12:00:00")


def test_what_is_read_are_options_of_a_job() -> None:
    job = read(
        "CT",
        "NM",
        description_exclude="Thorax, Neck ",
        station_name_include="MyStn",
        station_name_at_study_level=True,
        legacy_ct=True,
        include_known=True,
        empty_sr=True,
        dry_run=True,
    )
    options = JobOptions.model_validate(job.options)
    assert options.description_exclude == ("thorax", "neck")
    assert options.station_name_include == ("mystn",)
    assert options.station_name_at_study_level
    assert options.legacy_ct
    assert options.include_known
    assert options.empty_sr
    assert options.review
    assert job.body(remote_node=1, store_node="Main")["date_from"] == "1900-01-01"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"modalities": ()}, "at least one modality"),
        ({"modalities": ("SR", "CT")}, "cannot be used with another modality"),
        ({"single_date": "2018-03-19", "date_from": "2018-03-19"}, "a single date (-sd) excludes from (-f) and until"),
        ({"single_date": "2018-03-19", "date_until": "2018-03-19"}, "a single date (-sd) excludes from (-f) and until"),
        ({"date_from": "2018-03-18", "time_from": "1200"}, "times (-tf, -tt) need a single date"),
        ({"time_until": "1200"}, "times (-tf, -tt) need a single date"),
        ({"single_date": "2018-03-19", "time_from": "12:00"}, "the format of times is hhmm"),
        ({"single_date": "2018-03-19", "time_until": "2400"}, "the format of times is hhmm"),
        ({"single_date": "2018-03-19", "time_from": "1200", "time_until": "1159"}, "the first time, 1200, comes after"),
        ({"single_date": "19.03.2018"}, "-sd 19.03.2018: dates look like"),
        ({"date_from": "2018-02-30"}, "-f 2018-02-30: dates look like"),
        ({"date_from": "2018-03-19", "date_until": "2018-03-18"}, "comes after the last"),
    ],
)
def test_arguments_that_make_no_job(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidArguments) as raised:
        read_arguments(Arguments(**({"modalities": ("CT",)} | given)), today=TODAY)
    assert reason in str(raised.value)
