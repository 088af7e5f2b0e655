"""The fewest ranges for a complete query of a node with a limit; no plan needs fewer."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

MINUTE, LAST_MINUTE = 60.0, 24 * 60


def fewest_ranges(moments: Iterable[datetime], *, first: date, last: date, limit: int) -> int:
    """Return how many ranges are needed: of whole days, or of whole minutes of one day, none with more than `limit`.

    From the first day on, each range is made as long as it may be: for ranges that follow on each other no other choice
    needs fewer. Ranges of one day share the moment between them, as those of a plan do. A minute with more than
    `limit` studies counts as one range.
    """
    of_day: dict[date, list[float]] = defaultdict(list)
    for moment in sorted(moments):
        of_day[moment.date()].append((moment - datetime.combine(moment.date(), datetime.min.time())).total_seconds())
    ranges, in_range = 0, limit + 1
    for offset in range((last - first).days + 1):
        seconds = of_day[first + timedelta(days=offset)]
        if len(seconds) > limit:
            ranges, in_range = ranges + _of_one_day(seconds, limit), limit + 1
        elif in_range + len(seconds) > limit:
            ranges, in_range = ranges + 1, len(seconds)
        else:
            in_range += len(seconds)
    return ranges


def _of_one_day(seconds: Sequence[float], limit: int) -> int:
    ranges, begin = 0, 0
    while begin < LAST_MINUTE:
        lowest = bisect_left(seconds, begin * MINUTE)
        end = begin + 1
        while end < LAST_MINUTE and bisect_right(seconds, (end + 1) * MINUTE) - lowest <= limit:
            end += 1
        ranges, begin = ranges + 1, end
    return ranges
