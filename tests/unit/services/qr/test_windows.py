import random
from datetime import date, datetime, time, timedelta

import pytest

from services.qr.windows import RangePlan, Window, in_words

DAY = date(2026, 3, 2)
MONTH = Window(first=date(2026, 3, 1), last=date(2026, 3, 31))


def month_of(count: int, *, seed: int = 7) -> list[datetime]:
    """Return the moments of studies: most of them on weekdays, in the working hours, as in a hospital."""
    chance = random.Random(seed)
    moments: list[datetime] = []
    while len(moments) < count:
        day = date(2026, 3, 1) + timedelta(days=chance.randrange(31))
        if day.weekday() >= 5 and chance.random() < 0.6:
            continue
        hour = int(chance.triangular(0, 24, 12))
        moment = time(hour % 24, chance.randrange(60), chance.randrange(60))
        moments.append(datetime.combine(day, moment))
    return moments


def inside(window: Window, moment: datetime) -> bool:
    if not window.first <= moment.date() <= window.last:
        return False
    return (window.start or time.min) <= moment.time() <= (window.end or time.max)


class Node:
    """A remote node with a limit; it refuses what exceeds it, or cuts it off without a word."""

    def __init__(self, moments: list[datetime], *, limit: int, cuts: bool = False) -> None:
        self.moments, self.limit, self.cuts = moments, limit, cuts
        self.requests = 0
        self.told: set[datetime] = set()

    def run(self, plan: RangePlan) -> None:
        while (window := plan.next()) is not None:
            self.requests += 1
            assert self.requests < 5000
            found = [moment for moment in self.moments if inside(window, moment)]
            if len(found) > self.limit and not self.cuts:
                plan.refused(window)
                continue
            self.told.update(found[: self.limit])
            plan.answered(window, min(len(found), self.limit))


def test_one_request_where_nothing_is_refused() -> None:
    node = Node(month_of(401), limit=500)
    node.run(RangePlan.of(MONTH))
    assert node.requests == 1
    assert node.told == set(node.moments)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("count", "limit"), [(20_000, 500), (5_000, 500), (3_000, 997), (2_000, 90)])
def test_everything_is_found_with_few_requests(count: int, limit: int, seed: int) -> None:
    node = Node(month_of(count, seed=seed), limit=limit)
    plan = RangePlan.of(MONTH)
    node.run(plan)
    assert node.told == set(node.moments)
    assert plan.unanswered == []
    assert node.requests <= 2 * count / limit + 14


def test_what_is_cut_off_without_a_word_is_found() -> None:
    node = Node(month_of(3_000), limit=500, cuts=True)
    node.run(RangePlan.of(MONTH))
    assert node.told == set(node.moments)


def test_a_limit_that_looks_like_none_is_seen_when_it_comes_twice() -> None:
    node = Node(month_of(1_000), limit=173, cuts=True)
    plan = RangePlan.of(MONTH)
    plan.refused(MONTH)
    node.run(plan)
    assert node.told == set(node.moments)


def test_a_known_limit_is_never_believed() -> None:
    plan = RangePlan.of(MONTH)
    plan.answered(MONTH, 173, most_matches=173)
    assert len(plan.pending) == 2


def test_an_empty_answer_for_a_busy_range_is_looked_into_once() -> None:
    plan = RangePlan.of(Window(first=DAY, last=DAY + timedelta(days=3)))
    whole = plan.next()
    assert whole is not None
    plan.refused(whole)
    first = plan.next()
    assert first is not None
    plan.answered(first, 90)
    second = plan.next()
    assert second is not None
    plan.answered(second, 0)
    halves = list(plan.pending)
    assert [half.looked_into for half in halves] == [True, True]
    for half in halves:
        plan.answered(half, 0)
    assert plan.next() is None


def test_a_range_that_is_never_answered_is_listed() -> None:
    plan = RangePlan.of(Window(first=DAY, last=DAY))
    while (window := plan.next()) is not None:
        plan.refused(window)
    assert len(plan.unanswered) == 16
    assert in_words(plan.unanswered)[0] == "studies of 2026-03-02, 00:00 to 01:30"
    assert in_words(plan.unanswered)[-1] == "studies of 2026-03-02, 22:30 to 24:00"
    plan.retry_unanswered()
    assert len(plan.pending) == 16
    assert plan.unanswered == []


def test_a_plan_survives_its_json() -> None:
    plan = RangePlan.of(MONTH)
    plan.refused(MONTH)
    assert RangePlan.model_validate_json(plan.model_dump_json()) == plan


def test_windows_in_words() -> None:
    assert str(MONTH) == "from 2026-03-01 to 2026-03-31"
    assert str(Window(first=DAY, last=DAY)) == "of 2026-03-02"
    assert str(Window(first=DAY, last=DAY, start=time(8), end=time(9))) == "of 2026-03-02, 08:00 to 09:00"
