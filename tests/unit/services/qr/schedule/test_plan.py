from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.qr.schedule.plan import Begin, JobBefore, LeaveOut, Rules, Wait, covered, plan
from shared.database.models.qr import QrJobState
from shared.database.models.qr_schedule import WhileRunning

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 3, 10, 2, 0, tzinfo=BERLIN)
YESTERDAY = date(2026, 3, 9)


def rules(**given: Any) -> Rules:
    values: dict[str, Any] = {
        "time_zone": "Europe/Berlin",
        "days_ago": 1,
        "overlap_days": 0,
        "catch_up_days": 14,
        "while_running": WhileRunning.SKIP,
    }
    return Rules(**(values | given))


def job(state: QrJobState, *, date_until: date = YESTERDAY, created_at: datetime = NIGHT, **more: Any) -> JobBefore:
    return JobBefore(state=state, date_until=date_until, created_at=created_at, **({"incomplete": False} | more))


def begin(rules: Rules, *, covered_until: date | None, due: datetime = NIGHT, late: timedelta = timedelta()) -> Begin:
    decision = plan(rules, due=due, moment=due + late, before=None, covered_until=covered_until)
    assert isinstance(decision, Begin)
    return decision


def test_the_first_run_asks_for_yesterday() -> None:
    decision = begin(rules(), covered_until=None)
    assert (decision.date_from, decision.date_until) == (YESTERDAY, YESTERDAY)
    assert decision.covered_until == date(2026, 3, 8)
    assert decision.outcome == "job begun for 2026-03-09"


def test_yesterday_is_that_of_the_time_zone() -> None:
    due = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # in Berlin it is the 10th
    assert begin(rules(), covered_until=None, due=due).date_until == YESTERDAY
    assert begin(rules(time_zone="UTC"), covered_until=None, due=due).date_until == date(2026, 3, 8)


@pytest.mark.parametrize(("days_ago", "day"), [(0, 10), (2, 8)])
def test_another_day_may_be_the_last(days_ago: int, day: int) -> None:
    assert begin(rules(days_ago=days_ago), covered_until=None).date_until == date(2026, 3, day)


def test_a_run_goes_on_where_the_one_before_ended() -> None:
    assert begin(rules(), covered_until=date(2026, 3, 8)).date_from == YESTERDAY


def test_days_that_no_run_has_covered_are_asked_for() -> None:
    decision = begin(rules(), covered_until=date(2026, 3, 5))
    assert (decision.date_from, decision.date_until) == (date(2026, 3, 6), YESTERDAY)
    assert decision.covered_until == date(2026, 3, 5)
    assert decision.outcome == "job begun for 2026-03-06 to 2026-03-09, of which 3 days no run had covered"


def test_the_overlap_is_asked_for_again() -> None:
    assert begin(rules(overlap_days=3), covered_until=date(2026, 3, 8)).date_from == date(2026, 3, 6)
    assert begin(rules(overlap_days=3), covered_until=date(2026, 3, 5)).date_from == date(2026, 3, 3)


def test_what_was_covered_today_already_is_asked_for_again() -> None:
    assert begin(rules(), covered_until=YESTERDAY).date_from == YESTERDAY


def test_what_is_too_long_ago_is_told() -> None:
    decision = begin(rules(catch_up_days=2), covered_until=date(2026, 3, 1))
    assert decision.date_from == date(2026, 3, 7)
    assert decision.outcome.endswith("; 2026-03-02 to 2026-03-06: covered by no run, and too long ago to catch up with")


def test_without_catching_up_only_its_own_day_is_asked_for() -> None:
    decision = begin(rules(catch_up_days=0), covered_until=date(2026, 3, 1), late=timedelta(minutes=59))
    assert (decision.date_from, decision.outcome) == (YESTERDAY, "job begun for 2026-03-09")


def test_without_catching_up_a_missed_run_is_left_out() -> None:
    late = NIGHT + timedelta(hours=6)
    decision = plan(rules(catch_up_days=0), due=NIGHT, moment=late, before=None, covered_until=None)
    assert decision == LeaveOut("left out: no worker was there for more than 1 hour")
    assert begin(rules(), covered_until=None, late=timedelta(hours=6)).date_until == YESTERDAY


def test_while_its_job_is_at_work_a_run_is_left_out_or_waits() -> None:
    before = job(QrJobState.RETRIEVING)
    told = "the job of the run before"
    left_out = plan(rules(), due=NIGHT, moment=NIGHT, before=before, covered_until=None)
    assert left_out == LeaveOut(f"left out: {told} was still at work; the next run catches up")
    left_out = plan(rules(catch_up_days=0), due=NIGHT, moment=NIGHT, before=before, covered_until=None)
    assert left_out == LeaveOut(f"left out: {told} was still at work; nothing catches up with its days")
    waits = plan(rules(while_running=WhileRunning.WAIT), due=NIGHT, moment=NIGHT, before=before, covered_until=None)
    assert waits == Wait(f"waits: {told} is still at work")


@pytest.mark.parametrize(
    "state", [QrJobState.COMPLETE, QrJobState.PARTIAL, QrJobState.CANCELLED, QrJobState.REVIEW], ids=str
)
def test_a_job_that_is_over_has_covered_its_days(state: QrJobState) -> None:
    assert covered(rules(), before=job(state), covered_until=date(2026, 3, 8)) == YESTERDAY
    assert covered(rules(), before=job(state), covered_until=None) == YESTERDAY


@pytest.mark.parametrize(
    "before",
    [
        None,
        job(QrJobState.FAILED),
        job(QrJobState.QUERYING),
        job(QrJobState.PARTIAL, incomplete=True),
    ],
    ids=["none", "failed", "at work", "incomplete"],
)
def test_other_jobs_have_covered_nothing(before: JobBefore | None) -> None:
    assert covered(rules(), before=before, covered_until=date(2026, 3, 8)) == date(2026, 3, 8)


def test_a_day_that_was_not_over_is_not_covered() -> None:
    before = job(QrJobState.COMPLETE, date_until=date(2026, 3, 10))
    assert covered(rules(days_ago=0), before=before, covered_until=None) == YESTERDAY


def test_a_later_job_about_earlier_days_takes_nothing_back() -> None:
    before = job(QrJobState.COMPLETE, date_until=date(2026, 3, 1))
    assert covered(rules(), before=before, covered_until=YESTERDAY) == YESTERDAY
