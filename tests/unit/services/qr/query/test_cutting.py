import random
from datetime import date, datetime, timedelta

from services.qr.query.cutting import parts_by_sample, stops_early
from services.qr.remote.windows import Window, in_words

MONTH = Window(first=date(2026, 3, 1), last=date(2026, 3, 31))
DAY = Window(first=date(2026, 3, 2), last=date(2026, 3, 2))
BEGIN = datetime(2026, 3, 2, 8)  # noqa: DTZ001


def every(minutes: float, count: int, *, since: datetime = BEGIN) -> list[datetime]:
    return [since + timedelta(minutes=minutes * number) for number in range(count)]


def words(parts: list[Window] | None) -> list[str]:
    assert parts is not None
    return [text.removeprefix("studies ") for text in in_words(parts)]


def test_few_studies_tell_nothing() -> None:
    assert parts_by_sample(DAY, every(1, 7)) is None


def test_of_a_day_that_came_in_the_order_of_time_most_of_what_came_is_asked_for_again() -> None:
    parts = parts_by_sample(DAY, every(1, 100))
    assert words(parts) == ["of 2026-03-02, 00:00 to 09:20", "of 2026-03-02, 09:20 to 24:00"]
    assert parts is not None
    assert [one.fits for one in parts] == [True, False]


def test_of_several_days_those_that_came_completely_are_asked_for() -> None:
    assert words(parts_by_sample(MONTH, every(60, 100))) == [
        "from 2026-03-01 to 2026-03-05",
        "from 2026-03-06 to 2026-03-31",
    ]


def test_the_days_before_a_day_that_came_in_part() -> None:
    few_days = [*every(60, 60), *every(0.1, 40, since=datetime(2026, 3, 6, 10))]  # noqa: DTZ001
    assert words(parts_by_sample(MONTH, few_days)) == ["from 2026-03-01 to 2026-03-05", "from 2026-03-06 to 2026-03-31"]


def test_a_day_that_has_most_of_them_is_divided() -> None:
    parts = parts_by_sample(MONTH, every(1, 100))
    assert words(parts) == [
        "of 2026-03-01",
        "of 2026-03-02, 00:00 to 09:20",
        "of 2026-03-02, 09:20 to 24:00",
        "from 2026-03-03 to 2026-03-31",
    ]


def test_of_a_sample_each_half_is_asked_for() -> None:
    sample = every(1, 100)
    random.Random(1).shuffle(sample)
    parts = parts_by_sample(DAY, sample)
    assert words(parts) == ["of 2026-03-02, 00:00 to 08:50", "of 2026-03-02, 08:50 to 24:00"]
    assert parts is not None
    assert [one.at_least for one in parts] == [50, 51]


def test_where_the_last_come_first_nothing_is_known() -> None:
    assert parts_by_sample(DAY, every(1, 100)[::-1]) is None


def test_answers_that_stop_long_before_the_end() -> None:
    assert stops_early(MONTH, every(60, 100))
    assert stops_early(MONTH, every(60, 100, since=datetime(2026, 3, 27))[::-1])  # noqa: DTZ001
    assert not stops_early(MONTH, every(60, 700))
    assert not stops_early(MONTH, every(60, 700)[::-1])
    assert not stops_early(MONTH, every(60, 49))
    assert not stops_early(DAY, every(1, 100))
