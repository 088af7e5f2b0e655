"""The division of a refused range, at a moment found from the studies that came before the refusal. Pure functions."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise

from services.qr.query.limit import AIM
from services.qr.remote.windows import Window

ENOUGH = 8
"""The fewest studies from which a moment is derived."""
MANY = 50
MOSTLY = 0.8
EMPTY_PART = 0.4
"""A part of a range this large, without any study, is doubtful if the rest has many."""
DAY = timedelta(days=1)


def parts_by_sample(window: Window, moments: Sequence[datetime]) -> list[Window] | None:
    """Return the parts of a refused range; None where what came tells nothing, or the range is too short.

    Args:
        window: the range.
        moments: when the studies were made that came, in the order in which they came.
    """
    inside = [moment for moment in moments if moment in window]
    if len(inside) < ENOUGH:
        return None
    falling = sum(one > other for one, other in pairwise(inside))
    if not falling:
        return _first_come(window, inside)
    if falling > MOSTLY * len(inside):
        return None  # the last come first: nothing is known of what is before them
    parts = window.cut(sorted(inside)[len(inside) // 2])
    if parts is None:
        return None
    before = sum(moment < parts[0].over for moment in inside)
    return [_with(parts[0], at_least=before), _with(parts[1], at_least=len(inside) - before + 1)]


def stops_early(window: Window, moments: Sequence[datetime]) -> bool:
    """Tell whether studies came in ascending or descending order of time, and left many days out."""
    if len(moments) < MANY or window.is_one_day or window.looked_into:
        return False
    falling = sum(one > other for one, other in pairwise(moments))
    if falling and falling < MOSTLY * len(moments):
        return False
    left_out = moments[-1] - window.begin if falling else window.over - moments[-1]
    return left_out > (window.over - window.begin) * EMPTY_PART


def _first_come(window: Window, rising: Sequence[datetime]) -> list[Window] | None:
    """Divide a range whose studies came in the order of time: all up to the last that came are known."""
    at = rising[int(len(rising) * AIM)]
    if window.is_one_day:
        return _fitting(window, at)
    midnight = datetime.combine(at.date(), time())
    if rising[-1] >= midnight + DAY:
        return _fitting(window, midnight + DAY)
    if sum(moment < midnight for moment in rising) >= len(rising) / 2:
        return _fitting(window, midnight)
    # Most of them are of one day: that day is divided.
    day = Window(first=at.date(), last=at.date())
    parts = _fitting(day, at) or [day]
    before = [Window(first=window.first, last=day.first - DAY, fits=True)] if window.first < day.first else []
    after = [Window(first=day.last + DAY, last=window.last)] if day.last < window.last else []
    return [*before, *parts, *after]


def _fitting(window: Window, at: datetime) -> list[Window] | None:
    parts = window.cut(at)
    return None if parts is None else [_with(parts[0], fits=True), parts[1]]


def _with(window: Window, **values: object) -> Window:
    return window.model_copy(update=values)
