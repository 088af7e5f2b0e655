from datetime import date, datetime, time, timedelta

import pytest

from services.qr.query.activity import Activity, Density
from services.qr.remote.windows import Window

MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)
WEEK = Window(first=MONDAY, last=date(2026, 3, 8))


def day(first: date) -> Window:
    return Window(first=first, last=first)


def test_an_average_week_has_seven_average_days() -> None:
    assert Activity().amount(WEEK) == pytest.approx(7)


def test_parts_of_a_day_are_the_day() -> None:
    activity, whole = Activity(), day(MONDAY)
    morning = Window(first=MONDAY, last=MONDAY, start=time(), end=time(11, 30))
    rest = Window(first=MONDAY, last=MONDAY, start=time(11, 30))
    assert activity.amount(morning) + activity.amount(rest) == pytest.approx(activity.amount(whole))


def test_what_was_seen_outweighs_what_is_supposed() -> None:
    activity = Activity()
    assert activity.amount(day(MONDAY)) > activity.amount(day(SATURDAY))
    for week in range(3):
        busy = SATURDAY + timedelta(days=7 * week)
        activity.learn(day(busy), [datetime.combine(busy, time(2))] * 100)
        activity.learn(day(MONDAY + timedelta(days=7 * week)), [])
    assert activity.amount(day(SATURDAY)) > 3 * activity.amount(day(MONDAY))
    night = Window(first=SATURDAY, last=SATURDAY, start=time(2), end=time(3))
    assert activity.amount(night) > activity.amount(day(SATURDAY)) / 2


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_moment_divides_a_day_as_asked(part: float) -> None:
    activity, whole = Activity(), day(MONDAY)
    activity.learn(whole, [datetime.combine(MONDAY, time(hour)) for hour in range(8, 18)])
    amount = activity.amount(whole)
    parts = whole.cut(activity.moment(whole, part * amount))
    assert parts is not None
    assert activity.amount(parts[0]) == pytest.approx(part * amount, abs=0.002)


@pytest.mark.parametrize(("amount", "days"), [(0.0, 1), (1.2, 1), (2.4, 2), (50.0, 7)])
def test_a_moment_of_several_days_is_a_midnight(amount: float, days: int) -> None:
    assert Activity().moment(WEEK, amount) == datetime.combine(MONDAY + timedelta(days=days), time())


def test_nothing_is_known_at_first() -> None:
    assert Density().per_day == 0


def test_what_is_longer_ago_counts_less() -> None:
    density = Density()
    for _ in range(5):
        density.learn(100, 1.0)
    assert density.per_day == pytest.approx(100)
    density.learn(200, 1.0)
    assert 100 < density.per_day < 200


def test_a_sudden_calm_is_believed_soon() -> None:
    density = Density()
    for _ in range(5):
        density.learn(1000, 1.0)
    density.learn(10, 1.0)
    assert density.per_day < 300
