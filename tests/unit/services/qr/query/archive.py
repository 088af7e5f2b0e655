"""Studies of a month in many distributions, and a node that has a limit."""

import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from services.qr.query.plan import RangePlan
from services.qr.remote.windows import Window

FIRST = date(2026, 3, 1)
DAY_SECONDS = 86_400

Chance = random.Random
Kind = Callable[[Chance, list[date]], tuple[date, float]]


def _uniform(chance: Chance, days: list[date]) -> tuple[date, float]:
    return chance.choice(days), chance.uniform(0, DAY_SECONDS)


def _hospital(chance: Chance, days: list[date]) -> tuple[date, float]:
    day = chance.choices(days, [0.4 if day.weekday() >= 5 else 1.0 for day in days])[0]
    return day, chance.triangular(0, 24, 12) * 3600


def _working_days(chance: Chance, days: list[date]) -> tuple[date, float]:
    working = [day for day in days if day.weekday() < 5] or days
    return chance.choice(working), chance.uniform(8, 17) * 3600


def _night(chance: Chance, days: list[date]) -> tuple[date, float]:
    hours = (22 + chance.uniform(0, 8)) % 24 if chance.random() < 0.8 else chance.uniform(0, 24)
    return chance.choice(days), hours * 3600


def _busy_hour(chance: Chance, days: list[date]) -> tuple[date, float]:
    hours = chance.uniform(14, 15) if chance.random() < 0.7 else chance.uniform(0, 24)
    return chance.choice(days), hours * 3600


def _growing(chance: Chance, days: list[date]) -> tuple[date, float]:
    return days[int(len(days) * chance.random() ** 0.5)], chance.triangular(0, 24, 12) * 3600


def bursts(count: int) -> Kind:
    """Return a kind that has most of its studies within half an hour of `count` moments."""
    of_seed: dict[int, list[tuple[int, float]]] = {}

    def kind(chance: Chance, days: list[date]) -> tuple[date, float]:
        where = of_seed.setdefault(
            id(chance), [(chance.randrange(len(days)), chance.uniform(0, DAY_SECONDS - 7200)) for _ in range(count)]
        )
        if chance.random() < 0.2:
            return _uniform(chance, days)
        day, second = chance.choice(where)
        return days[day], second + abs(chance.gauss(0, 1200))

    return kind


HOSPITALS: dict[str, Kind] = {
    "uniform": _uniform,
    "hospital": _hospital,
    "working days": _working_days,
    "nights": _night,
    "one busy hour": _busy_hour,
    "growing": _growing,
}


def moments_of(kind: Kind, *, count: int, days: int, seed: int) -> list[datetime]:
    """Return `count` different moments in the order of time."""
    chance = random.Random(seed)
    of_days = [FIRST + timedelta(days=day) for day in range(days)]
    found: set[datetime] = set()
    while len(found) < count:
        day, seconds = kind(chance, of_days)
        moment = datetime.combine(day, time()) + timedelta(seconds=min(seconds, DAY_SECONDS - 0.001))
        found.add(moment.replace(microsecond=moment.microsecond or 1))
    return sorted(found)


def most_in_a_minute(moments: list[datetime]) -> int:
    """Return how many studies the busiest minute has."""
    return max(Counter(moment.replace(second=0, microsecond=0) for moment in moments).values())


class Node:
    """A remote node with a limit.

    `manner`: what it does with more matches: sends as many, in the order of time (`rising`, `falling`) or in none
    (`shuffled`), and refuses; refuses at once (`silent`); or cuts them off without a word (`cuts`).
    """

    def __init__(self, moments: list[datetime], *, limit: int, manner: str = "rising") -> None:
        self.moments, self.limit, self.manner = sorted(moments), limit, manner
        self.requests = 0
        self._chance = random.Random(1)
        self.told: set[datetime] = set()

    def run(self, plan: RangePlan, *, most_requests: int = 5000) -> None:
        """Answer until nothing is left to ask for."""
        while (window := plan.next()) is not None:
            assert self.requests < most_requests
            self.run_one(plan, window)

    def run_one(self, plan: RangePlan, window: Window) -> None:
        """Answer for one range."""
        self.requests += 1
        found = self._matches(window)
        if self.manner == "falling":
            found.reverse()
        elif self.manner == "shuffled":
            self._chance.shuffle(found)
        too_many, sent = len(found) > self.limit, found[: self.limit]
        if too_many and self.manner == "silent":
            plan.refused(window)
            return
        self.told.update(sent)
        if too_many and self.manner != "cuts":
            plan.refused(window, len(sent), sent)
        else:
            plan.answered(window, len(sent), sent)

    def _matches(self, window: Window) -> list[datetime]:
        end = bisect_left if window.end is None else bisect_right
        return self.moments[bisect_left(self.moments, window.begin) : end(self.moments, window.over)]
