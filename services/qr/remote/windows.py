"""Ranges of Study Dates and Study Times in queries to a remote node. Pure functions."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

SHORTEST = timedelta(minutes=1)
MIDNIGHT = time()


class Window(BaseModel):
    """A range of Study Dates, or of Study Times of one day; both ends belong to it. No times: whole days."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    start: time | None = None
    end: time | None = None
    """The end; None with a start: to the end of the day."""
    at_least: int = 0
    """The least number of studies in it, known from the ranges around it."""
    fits: bool = False
    """True: the answers before a refusal show that its answer will be short enough; it is not divided again."""
    looked_into: bool = False
    """True: it is half of a range whose answer was doubtful; its own answer is accepted."""

    @property
    def is_one_day(self) -> bool:
        """True for a day or a part of one: only these can be divided by time."""
        return self.first == self.last

    @property
    def has_times(self) -> bool:
        """True if Study Time has to match, too."""
        return self.start is not None or self.end is not None

    @property
    def begin(self) -> datetime:
        """Return its first moment."""
        return datetime.combine(self.first, self.start or MIDNIGHT)

    @property
    def over(self) -> datetime:
        """Return the moment at which it is over."""
        if self.end is not None:
            return datetime.combine(self.last, self.end)
        return datetime.combine(self.last, MIDNIGHT) + timedelta(days=1)

    def cut(self, at: datetime) -> "tuple[Window, Window] | None":
        """Return the parts before and after a moment, rounded to a midnight or a minute; None where it is too short.

        Parts of a day share the moment between them: a study of that very second is found by both. (To end a range
        one second earlier would lose studies with fractions of a second at some nodes.)
        """
        if not self.is_one_day:
            day = min(max(at.date(), self.first + timedelta(days=1)), self.last)
            return (
                Window(first=self.first, last=day - timedelta(days=1), looked_into=self.looked_into),
                Window(first=day, last=self.last, looked_into=self.looked_into),
            )
        if self.over - self.begin < 2 * SHORTEST:
            return None
        nearest = (at + timedelta(seconds=30)).replace(second=0, microsecond=0)
        if not self.begin < nearest < self.over:
            nearest = self.begin + SHORTEST if nearest <= self.begin else self.over - SHORTEST
        day, middle = self.first, nearest.time()
        return (
            Window(first=day, last=day, start=self.begin.time(), end=middle, looked_into=self.looked_into),
            Window(first=day, last=day, start=middle, end=self.end, looked_into=self.looked_into),
        )

    def halves(self) -> "tuple[Window, Window] | None":
        """Return the two halves, the earlier first; None where it is too short."""
        return self.cut(self.begin + (self.over - self.begin) / 2)

    def joined(self, after: "Window") -> "Window | None":
        """Return this range and the one after it as one; None where they cannot be asked for together."""
        if self.over != after.begin or self.fits or self.looked_into or after.looked_into:
            return None
        at_least = self.at_least + after.at_least
        if not self.has_times and not after.has_times:
            return Window(first=self.first, last=after.last, at_least=at_least)
        if not self.first == self.last == after.first == after.last:
            return None
        start = None if self.start == MIDNIGHT and after.end is None else self.start
        return Window(first=self.first, last=self.last, start=start, end=after.end, at_least=at_least)

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment <= self.over

    def __str__(self) -> str:
        if self.first != self.last:
            return f"from {self.first} to {self.last}"
        if not self.has_times:
            return f"of {self.first}"
        return (
            f"of {self.first}, {self.start or MIDNIGHT:%H:%M} to {self.end.strftime('%H:%M') if self.end else '24:00'}"
        )


def merged(windows: Iterable[Window]) -> list[Window]:
    """Return ranges in the order of time, with those that follow on each other joined where that is possible."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda one: (one.begin, one.over)):
        joined = found[-1].joined(window) if found else None
        found[-1:] = [joined] if joined else [*found[-1:], window]
    return found


def in_words(windows: Iterable[Window]) -> list[str]:
    """Return the text shown for ranges that were not answered."""
    return [f"studies {window}" for window in windows]
