from datetime import date, datetime, time

import pytest

from services.qr.remote.windows import Window, in_words, merged

DAY, NEXT_DAY = date(2026, 3, 2), date(2026, 3, 3)
MONTH = Window(first=date(2026, 3, 1), last=date(2026, 3, 31))
WHOLE_DAY = Window(first=DAY, last=DAY)
MORNING = Window(first=DAY, last=DAY, start=time(8), end=time(12))


def test_where_it_begins_and_is_over() -> None:
    assert (WHOLE_DAY.begin, WHOLE_DAY.over) == (datetime(2026, 3, 2), datetime(2026, 3, 3))  # noqa: DTZ001
    assert (MORNING.begin, MORNING.over) == (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 12))  # noqa: DTZ001
    assert not WHOLE_DAY.has_times
    assert MORNING.has_times


@pytest.mark.parametrize("day", [1, 15, 31])
def test_several_days_are_cut_at_a_midnight_and_none_is_empty(day: int) -> None:
    parts = MONTH.cut(datetime(2026, 3, day, 13))  # noqa: DTZ001
    assert parts is not None
    first, rest = parts
    assert (first.first, rest.last) == (MONTH.first, MONTH.last)
    assert first.over == rest.begin
    assert not first.has_times


@pytest.mark.parametrize(
    ("at", "middle"),
    [("0000", "00:01"), ("0600", "06:00"), ("235959", "23:59"), ("120029", "12:00"), ("120031", "12:01")],
)
def test_a_day_is_cut_at_a_minute_that_both_parts_have(at: str, middle: str) -> None:
    parts = WHOLE_DAY.cut(datetime.strptime(f"20260302 {at:0<6}", "%Y%m%d %H%M%S"))  # noqa: DTZ007
    assert parts is not None
    assert [str(one) for one in parts] == [f"of 2026-03-02, 00:00 to {middle}", f"of 2026-03-02, {middle} to 24:00"]


def test_a_minute_is_not_cut() -> None:
    assert Window(first=DAY, last=DAY, start=time(8), end=time(8, 1)).halves() is None
    assert Window(first=DAY, last=DAY, start=time(23, 59)).halves() is None


def test_what_can_be_asked_for_together_is_joined() -> None:
    later = Window(first=DAY, last=DAY, start=time(12), at_least=3)
    assert WHOLE_DAY.joined(Window(first=NEXT_DAY, last=NEXT_DAY)) == Window(first=DAY, last=NEXT_DAY)
    assert MORNING.joined(later) == Window(first=DAY, last=DAY, start=time(8), at_least=3)
    assert Window(first=DAY, last=DAY, start=time(), end=time(12)).joined(later) == Window(
        first=DAY, last=DAY, at_least=3
    )


@pytest.mark.parametrize(
    "after",
    [
        Window(first=date(2026, 3, 4), last=date(2026, 3, 4)),
        Window(first=NEXT_DAY, last=NEXT_DAY, start=time(), end=time(8)),
        Window(first=NEXT_DAY, last=NEXT_DAY, looked_into=True),
    ],
)
def test_what_cannot_be_asked_for_together_is_not_joined(after: Window) -> None:
    assert WHOLE_DAY.joined(after) is None


def test_merged_ranges_are_in_the_order_of_time() -> None:
    later = Window(first=DAY, last=DAY, start=time(12), end=time(14))
    assert merged([Window(first=date(2026, 3, 9), last=date(2026, 3, 9)), later, MORNING]) == [
        Window(first=DAY, last=DAY, start=time(8), end=time(14)),
        Window(first=date(2026, 3, 9), last=date(2026, 3, 9)),
    ]


def test_windows_in_words() -> None:
    assert str(MONTH) == "from 2026-03-01 to 2026-03-31"
    assert str(WHOLE_DAY) == "of 2026-03-02"
    assert in_words([MORNING]) == ["studies of 2026-03-02, 08:00 to 12:00"]
