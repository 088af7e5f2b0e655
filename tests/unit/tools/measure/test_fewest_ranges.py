from datetime import date, datetime, timedelta

import pytest

from tools.measure.fewest_ranges import fewest_ranges

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 4)


def at(day: int, hour: int, count: int = 1) -> list[datetime]:
    return [datetime(2026, 3, day, hour, second=second + 1) for second in range(count)]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moments", "fewest"),
    [
        ([], 1),
        ([*at(1, 8, 2), *at(2, 8, 2), *at(3, 8, 1), *at(4, 8, 5)], 2),
        ([*at(1, 8, 3), *at(2, 8, 3), *at(3, 8, 3), *at(4, 8, 3)], 4),
        # A day that has to be divided shares no range with another: 1 | 2, 2 | 3 and 4.
        ([*at(1, 8, 1), *at(2, 8, 4), *at(2, 9, 4), *at(3, 8, 1)], 4),
        ([moment + timedelta(hours=hour) for hour in range(3) for moment in at(2, 8, 5)], 5),
    ],
)
def test_the_fewest_ranges_with_at_most_five_studies(moments: list[datetime], fewest: int) -> None:
    assert fewest_ranges(moments, first=FIRST, last=LAST, limit=5) == fewest


def test_a_minute_with_too_many_is_one_range() -> None:
    assert fewest_ranges(at(2, 8, 9), first=date(2026, 3, 2), last=date(2026, 3, 2), limit=5) == 3
