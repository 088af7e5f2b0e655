from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.jobs.cron import check_expression, check_time_zone, last_run, runs_after

BERLIN = "Europe/Berlin"


def at(text: str, *, fold: int = 0, time_zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone), fold=fold)


def local(expression: str, after: datetime, count: int, time_zone: str = BERLIN) -> list[str]:
    found = islice(runs_after(expression, time_zone, after), count)
    return [run.astimezone(ZoneInfo(time_zone)).isoformat(timespec="minutes") for run in found]


def test_blanks_do_not_matter() -> None:
    assert check_expression("  30  2 * * mon-fri ") == "30 2 * * mon-fri"


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "five fields"),
        ("0 2 * *", "five fields"),
        ("0 0 2 * * *", "five fields"),
        ("@daily", "five fields"),
        ("60 2 * * *", "wrong minute"),
        ("0 24 * * *", "wrong hour"),
        ("0 2 32 * *", "wrong day of month"),
        ("0 2 * 13 *", "wrong month"),
        ("0 2 * * 8", "wrong day of week"),
        ("*/0 * * * *", "wrong minute"),
        ("0 2 30 2 *", "wrong day of month"),
    ],
)
def test_what_is_no_expression_is_told(expression: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_expression(expression)


@settings(deadline=None, max_examples=100, derandomize=True)  # some look years ahead
@given(st.lists(st.text(alphabet="0123456789*/,-#LWMONJAl٣", max_size=8), min_size=5, max_size=5))
def test_any_text_is_an_expression_or_told_to_be_none(fields: list[str]) -> None:
    try:
        expression = check_expression(" ".join(fields))
    except ValueError as error:
        told = str(error)
    else:
        after = at("2026-03-10T12:00")
        following = next(runs_after(expression, BERLIN, after))
        assert following > after
        assert last_run(expression, BERLIN, following) == following
        return
    assert told.startswith(("is not a cron", "has a wrong", "names a day"))


def test_time_zones_are_those_of_the_iana_database() -> None:
    assert check_time_zone(BERLIN) == BERLIN
    for wrong in ("Berlin", "CEST+1", "../UTC", ""):
        with pytest.raises(ValueError, match="IANA"):
            check_time_zone(wrong)


def test_the_hour_is_that_of_the_time_zone() -> None:
    assert next(runs_after("0 2 * * *", BERLIN, at("2026-07-01T00:00"))) == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    assert local("0 2 * * 1-5", at("2026-11-20T03:00"), 2) == ["2026-11-23T02:00+01:00", "2026-11-24T02:00+01:00"]


def test_what_falls_into_the_hour_that_is_left_out_comes_right_after_it() -> None:
    assert local("30 2 * * *", at("2026-03-28T12:00"), 2) == ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]


def test_what_falls_into_the_hour_that_comes_twice_comes_once() -> None:
    expected = ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]
    assert local("30 2 * * *", at("2026-10-24T12:00"), 2) == expected
    for minute in (0, 30, 59):
        assert local("30 2 * * *", at(f"2026-10-25T02:{minute:02}", fold=1), 1) == expected[1:]


def test_what_comes_every_hour_comes_in_both_hours() -> None:
    expected = ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]
    assert local("0 * * * *", at("2026-10-25T01:30"), 3) == expected


def test_the_last_run_is_the_moment_itself_or_one_before() -> None:
    assert last_run("0 2 * * *", BERLIN, at("2026-03-10T02:00")) == at("2026-03-10T02:00")
    assert last_run("0 2 * * *", BERLIN, at("2026-03-10T01:59")) == at("2026-03-09T02:00")
    assert last_run("0 2 * * *", BERLIN, at("2026-03-13T08:00")) == at("2026-03-13T02:00")
