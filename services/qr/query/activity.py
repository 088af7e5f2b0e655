"""The activity of a hospital, estimated from the answers of a node by day of the week and by hour. Pure functions.

An amount of activity is measured in average days: a busy Monday has more than one, a night a small part.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel

from services.qr.remote.windows import Window

HOURS, DAYS = 24, 7
PRIOR_DAYS = 0.5
"""The weight of the initial assumption: that of half a day of observation."""
SUPPOSED_HOURS = [0.4] * 7 + [1.8] * 12 + [0.4] * 5
SUPPOSED_DAYS = [1.15] * 5 + [0.6, 0.6]
"""The initial assumption, as in most hospitals; observations soon outweigh it."""
MEMORY, SHORT_MEMORY = 0.6, 0.15
"""The weight of earlier answers after each new one, and after one with far fewer studies than expected."""
MUCH_FEWER = 4


class Activity(BaseModel):
    """The studies seen, and the time covered, by hour and by day of the week (Monday is 0)."""

    of_hours: list[float] = [0.0] * HOURS
    hours: list[float] = [0.0] * HOURS
    """The time covered of each hour, in average days."""
    of_days: list[float] = [0.0] * DAYS
    days: list[float] = [0.0] * DAYS
    """The time covered of each day of the week, as a share of that day's hours."""

    def amount(self, window: Window) -> float:
        """Return the expected activity in a range, in average days."""
        weights = self._weights_of_days()
        if not window.is_one_day:
            return sum(weights[(window.first.weekday() + offset) % DAYS] for offset in range(_length(window)))
        shares = self._shares_of_hours()
        return weights[window.first.weekday()] * (
            _part(shares, _hour(window, window.over)) - _part(shares, _hour(window, window.begin))
        )

    def moment(self, window: Window, amount: float) -> datetime:
        """Return the moment up to which a range has this amount; of several days the midnight before, but one day."""
        weights = self._weights_of_days()
        if not window.is_one_day:
            day, left = window.first, amount
            while day <= window.last and left >= weights[day.weekday()]:
                left -= weights[day.weekday()]
                day += timedelta(days=1)
            return datetime.combine(max(day, window.first + timedelta(days=1)), datetime.min.time())
        shares = self._shares_of_hours()
        wanted = _part(shares, _hour(window, window.begin)) + amount / weights[window.first.weekday()]
        hour = 0
        while hour < HOURS - 1 and wanted >= shares[hour]:
            wanted -= shares[hour]
            hour += 1
        return datetime.combine(window.first, datetime.min.time()) + timedelta(
            hours=hour + min(wanted / shares[hour], 1)
        )

    def learn(self, window: Window, moments: Sequence[datetime]) -> None:
        """Take note of all studies of a range: when they were made."""
        weights, shares = self._weights_of_days(), self._shares_of_hours()
        for offset in range(_length(window)):
            weekday = (window.first + timedelta(days=offset)).weekday()
            for hour in range(HOURS):
                covered = _covered(window, hour)
                self.hours[hour] += covered * weights[weekday]
                self.days[weekday] += covered * shares[hour]
        for moment in moments:
            self.of_hours[moment.hour] += 1
            self.of_days[moment.weekday()] += 1

    def _shares_of_hours(self) -> list[float]:
        rates = _rates(self.of_hours, self.hours, SUPPOSED_HOURS)
        return [rate / sum(rates) for rate in rates]

    def _weights_of_days(self) -> list[float]:
        rates = _rates(self.of_days, self.days, SUPPOSED_DAYS)
        return [DAYS * rate / sum(rates) for rate in rates]


class Density(BaseModel):
    """The studies found in an amount of activity (see `Activity`); older answers count less."""

    studies: float = 0.0
    amount: float = 0.0
    """In average days."""

    @property
    def per_day(self) -> float:
        """Return the number of studies on an average day; 0: nothing is known."""
        return self.studies / self.amount if self.amount else 0.0

    def learn(self, count: int, amount: float) -> None:
        """Take note of an answer."""
        memory = SHORT_MEMORY if MUCH_FEWER * count < self.per_day * amount else MEMORY
        self.studies = self.studies * memory + count
        self.amount = self.amount * memory + amount


def _rates(found: Sequence[float], covered: Sequence[float], supposed: Sequence[float]) -> list[float]:
    """Return the rate of each: from observations, and from the initial assumption where there are few."""
    expected = sum(one * share for one, share in zip(covered, supposed, strict=True))
    usual = sum(found) / expected if expected and sum(found) else 1.0
    return [
        (one + PRIOR_DAYS * usual * share) / (seen + PRIOR_DAYS)
        for one, seen, share in zip(found, covered, supposed, strict=True)
    ]


def _length(window: Window) -> int:
    return (window.last - window.first).days + 1


def _hour(window: Window, moment: datetime) -> float:
    """Return a moment of a range of one day in hours since midnight, up to 24."""
    return (moment - datetime.combine(window.first, datetime.min.time())) / timedelta(hours=1)


def _part(shares: Sequence[float], hour: float) -> float:
    """Return the share of the activity of a day that lies before an hour with a fraction."""
    whole = int(hour)
    return sum(shares[:whole]) + (shares[whole] * (hour - whole) if whole < HOURS else 0.0)


def _covered(window: Window, hour: int) -> float:
    """Return the covered part of an hour of each day of a range, from 0 to 1."""
    if not window.has_times:
        return 1.0
    return max(0.0, min(_hour(window, window.over), hour + 1) - max(_hour(window, window.begin), hour))
