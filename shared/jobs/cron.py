"""The times at which a cron expression is due, in a time zone. Pure functions.

Five fields: minute, hour, day of the month, month, day of the week, with `*`, lists, ranges, steps, names, `L` and `#`.
If one of the two fields of days begins with `*`, both have to fit, else one of them suffices. That, and what happens
when the clocks change, is as in Debian's cron: a time in the hour that is skipped in spring is due right after it, a
time in the hour that is repeated in autumn is due once; where minute or hour begins with `*`, the expression follows
the local clock and is due in both hours.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import dropwhile
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

LONGEST = 100
FORM = "five fields are needed: minute, hour, day of the month, month, day of the week, such as `30 2 * * *`"
RANGES = "minutes 0-59, hours 0-23, days of the month 1-31, months 1-12, days of the week 0-7 (0 and 7 are Sunday)"


def check_expression(expression: str) -> str:
    """Return a cron expression with single blanks between its fields.

    Raises:
        ValueError: it is not valid; the text has the fault and the right form.
    """
    fields = expression.split()
    if len(fields) != 5 or len(expression) > LONGEST:
        raise ValueError(f"is not a cron expression: {FORM}")
    normal = " ".join(fields)
    try:
        simulation = CronSim(normal, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        name = str(error).removeprefix("Bad ").replace("-", " ")
        raise ValueError(f"has a wrong {name}: {FORM}; {RANGES}") from None
    if next(simulation, None) is None:
        raise ValueError("names a day that never comes; correct the day of the month or the month")
    return normal


def check_time_zone(name: str) -> str:
    """Accept the name of a time zone in the IANA database.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database: write one such as Europe/Berlin, or UTC")
    return name


def runs_after(expression: str, time_zone: str, moment: datetime) -> Iterator[datetime]:
    """Yield, in UTC, when an expression is due later than a moment.

    Raises:
        ValueError: there is no such expression or time zone.
    """
    simulation = _simulation(expression, time_zone, moment)
    # In the second of two equal hours the library first names a moment of the first one.
    return dropwhile(lambda due: due <= moment, (due.astimezone(UTC) for due in simulation))


def last_run(expression: str, time_zone: str, moment: datetime) -> datetime | None:
    """Return, in UTC, when an expression was due last, the moment itself included.

    Raises:
        ValueError: there is no such expression or time zone.
    """
    simulation = _simulation(expression, time_zone, moment + timedelta(seconds=1), reverse=True)
    return next((due for due in (due.astimezone(UTC) for due in simulation) if due <= moment), None)


def _simulation(expression: str, time_zone: str, moment: datetime, *, reverse: bool = False) -> CronSim:
    check_time_zone(time_zone)
    return CronSim(check_expression(expression), moment.astimezone(ZoneInfo(time_zone)), reverse=reverse)
