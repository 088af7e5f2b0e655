"""The decision on a schedule that is due: the days of the job to begin, or the reason why none begins. Pure functions.

A schedule knows up to which day its jobs have covered the remote node's studies, and each run goes on from there. So
nothing special is needed after a downtime, a failed job or a weekend: what no job has covered is asked for.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.database.models.qr import QrJobState
from shared.database.models.qr_schedule import WhileRunning

LATE = timedelta(hours=1)
"""A schedule that does not catch up skips a run that is late by more than this."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings of a schedule, with the names of the fields of `QrSchedule`."""

    time_zone: str
    days_ago: int
    overlap_days: int
    catch_up_days: int
    while_running: WhileRunning


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBefore:
    """The job that the schedule has begun last."""

    state: QrJobState
    date_until: date
    created_at: datetime
    incomplete: bool
    """The remote node did not answer for a part of its days."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a job for these days, the last one included."""

    date_from: date
    date_until: date
    covered_until: date
    """The last day whose studies are covered even if this job fails."""
    outcome: str


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Begin nothing this time."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again soon."""

    outcome: str


def covered(rules: Rules, *, before: JobBefore | None, covered_until: date | None) -> date | None:
    """Return up to which day jobs have covered the studies; None: none has.

    A job that has failed covers nothing, nor does one that the remote node did not answer completely. One that a
    person has cancelled counts: they did not want it. A day that was not over when the job began is not covered.

    Args:
        rules: of the schedule.
        before: its last job; None: it has begun none, or that was deleted.
        covered_until: what was known before that job.
    """
    if before is None or before.state.is_open or before.state is QrJobState.FAILED or before.incomplete:
        return covered_until
    day_of_job = before.created_at.astimezone(ZoneInfo(rules.time_zone)).date()
    until = min(before.date_until, day_of_job - DAY)
    return until if covered_until is None else max(until, covered_until)


def plan(
    rules: Rules, *, due: datetime, moment: datetime, before: JobBefore | None, covered_until: date | None
) -> Begin | LeaveOut | Wait:
    """Decide what a run does.

    Args:
        rules: of the schedule.
        due: the run: the last one, where several have passed.
        moment: now.
        before: the job of the run before.
        covered_until: as `covered` returns it.
    """
    if before is not None and before.state.is_open:
        if rules.while_running is WhileRunning.WAIT:
            return Wait("waits: the job of the run before is still at work")
        return LeaveOut("left out: the job of the run before was still at work" + _what_follows(rules))
    if not rules.catch_up_days and moment - due > LATE:
        return LeaveOut(f"left out: no worker was there for more than {LATE // timedelta(hours=1)} hour")
    until = due.astimezone(ZoneInfo(rules.time_zone)).date() - rules.days_ago * DAY
    if covered_until is None:
        covered_until = until - DAY  # there is nothing to catch up with: older days are for a job by hand
    uncovered = min(covered_until + DAY, until)
    first = max(uncovered, until - rules.catch_up_days * DAY)
    date_from = first - rules.overlap_days * DAY
    outcome = f"job begun for {_days(date_from, until)}"
    if first < until and (more := _count(first, until - DAY)):
        outcome += f", of which {more} no run had covered"
    if rules.catch_up_days and uncovered < date_from:
        outcome += f"; {_days(uncovered, date_from - DAY)}: covered by no run, and too long ago to catch up with"
    return Begin(date_from, until, covered_until, outcome)


def _what_follows(rules: Rules) -> str:
    return "; the next run catches up" if rules.catch_up_days else "; nothing catches up with its days"


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _count(first: date, last: date) -> str:
    count = (last - first).days + 1
    return f"{count} day{'s' if count != 1 else ''}"
