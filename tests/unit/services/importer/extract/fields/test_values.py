from datetime import date, datetime, time

import pytest

from services.importer.extract.fields.values import (
    MAX_SHOWN,
    combine,
    parse_date,
    parse_datetime,
    parse_time,
    shown,
    yes_or_no,
)
from shared.dicom.header import Code


def local(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 (DICOM times are local)


@pytest.mark.parametrize(("text", "day"), [("20180131", date(2018, 1, 31)), ("2018.01.31", date(2018, 1, 31))])
def test_dates(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize("text", [None, "", "0", "asdf", "1234567890", "20180231", "2018013", "00000000", "٢٠١٨٠١٣١"])
def test_what_is_no_date(text: str | None) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("130426.214000-0600", time(13, 4, 26, 214000)),
        ("130426", time(13, 4, 26)),
        ("1304", time(13, 4)),
        ("13", time(13)),
        ("13:04:26", time(13, 4, 26)),
        ("130426.5", time(13, 4, 26, 500000)),
        ("130426.1234567", time(13, 4, 26, 123456)),
        ("130426,25", time(13, 4, 26, 250000)),
        ("130426.", time(13, 4, 26)),
        ("130460", time(13, 4, 59)),
    ],
)
def test_times(text: str, clock: time) -> None:
    assert parse_time(text) == clock


@pytest.mark.parametrize("text", [None, "", "1234567890", "250000", "136000", "noon", "1"])
def test_what_is_no_time(text: str | None) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20180629172304.023000+0515", local(2018, 6, 29, 17, 23, 4, 23000)),
        ("20180629172304.023", local(2018, 6, 29, 17, 23, 4, 23000)),
        ("20180629172304", local(2018, 6, 29, 17, 23, 4)),
        ("20180629", local(2018, 6, 29)),
        ("201806291723", local(2018, 6, 29, 17, 23)),
        ("2018-06-29T17:23:04.023+05:15", local(2018, 6, 29, 17, 23, 4, 23000)),
        ("2018-06-29 17:23:04", local(2018, 6, 29, 17, 23, 4)),
        ("2018-06-29T17:23:04Z", local(2018, 6, 29, 17, 23, 4)),
        ("2018-06-29", local(2018, 6, 29)),
        ("20180629172304.0230000", local(2018, 6, 29, 17, 23, 4, 23000)),
    ],
)
def test_date_times_are_local_and_lose_their_offset(text: str, moment: datetime) -> None:
    assert parse_datetime(text) == moment


@pytest.mark.parametrize("text", [None, "", "1234567890", "2018", "20180629999999", "not a time"])
def test_what_is_no_date_time(text: str | None) -> None:
    assert parse_datetime(text) is None


def test_date_and_time_are_combined_only_when_both_are_there() -> None:
    assert combine(date(2026, 3, 14), time(9, 15)) == "2026-03-14T09:15:00"
    assert combine(None, time(9, 15)) is None
    assert combine(date(2026, 3, 14), None) is None


@pytest.mark.parametrize(
    ("code", "text", "flag"),
    [
        (Code("R-0038D", "SRT", "Yes"), None, True),
        (Code("373066001", "SCT", ""), None, True),
        (Code("R-00339", "SRT", "No"), None, False),
        (Code("1", "99ACME", "no"), None, False),
        (None, "YES", True),
        (Code("1", "99ACME", "perhaps"), None, None),
        (None, None, None),
    ],
)
def test_yes_and_no(code: Code | None, text: str | None, flag: bool | None) -> None:
    assert yes_or_no(code, text) is flag


def test_untrusted_text_is_shown_short_and_printable() -> None:
    assert shown("a\x1b[31mb\n") == "a [31mb "
    assert shown("x" * 1_000_000) == "x" * MAX_SHOWN + "…"
