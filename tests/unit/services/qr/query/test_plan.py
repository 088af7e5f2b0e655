from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.qr.query.plan import MOST_REFUSALS, RangePlan
from services.qr.remote.windows import Window, in_words
from tests.unit.services.qr.query.archive import FIRST, HOSPITALS, Node, bursts, moments_of, most_in_a_minute
from tools.measure.fewest_ranges import fewest_ranges

DAY = date(2026, 3, 2)
MONTH = Window(first=FIRST, last=date(2026, 3, 31))
WHOLE_DAY = Window(first=DAY, last=DAY)
MANNERS = ["rising", "falling", "shuffled", "silent"]
LEARNING = {"rising": 10, "shuffled": 24, "falling": 24, "silent": 32}
"""C-FINDs that it may cost to learn the limit and the times of day, by what a node does with too many matches."""


def days_from_first(days: int) -> Window:
    return Window(first=FIRST, last=FIRST + timedelta(days=days - 1))


def test_one_request_where_nothing_is_refused() -> None:
    node = Node(moments_of(HOSPITALS["hospital"], count=401, days=31, seed=1), limit=500)
    node.run(RangePlan.of(MONTH))
    assert node.requests == 1
    assert node.told == set(node.moments)


@pytest.mark.parametrize("manner", MANNERS)
def test_a_month_of_20_000_studies_with_few_requests(manner: str) -> None:
    moments = moments_of(HOSPITALS["hospital"], count=20_000, days=31, seed=3)
    node, plan = Node(moments, limit=500, manner=manner), RangePlan.of(MONTH)
    node.run(plan)
    assert node.told == set(moments)
    assert plan.unanswered == []
    assert node.requests <= 1.5 * fewest_ranges(moments, first=MONTH.first, last=MONTH.last, limit=500)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(HOSPITALS)),
    manner=st.sampled_from(MANNERS),
    count=st.integers(1, 3000),
    limit=st.integers(20, 600),
    days=st.sampled_from([1, 2, 7, 31, 92]),
    seed=st.integers(0, 10_000),
)
def test_twice_the_least_is_enough_however_busy_a_hospital_is(
    *, kind: str, manner: str, count: int, limit: int, days: int, seed: int
) -> None:
    moments, window = moments_of(HOSPITALS[kind], count=count, days=days, seed=seed), days_from_first(days)
    node, plan = Node(moments, limit=limit, manner=manner), RangePlan.of(window)
    node.run(plan)
    if most_in_a_minute(moments) < limit:
        assert plan.unanswered == []
        assert node.told == set(moments)
        least = fewest_ranges(moments, first=window.first, last=window.last, limit=limit)
        assert node.requests <= 2 * least + LEARNING[manner]


@settings(max_examples=12, deadline=None)
@given(
    manner=st.sampled_from(MANNERS),
    places=st.integers(1, 5),
    limit=st.integers(100, 400),
    seed=st.integers(0, 10_000),
)
def test_each_burst_costs_a_search_and_no_more(*, manner: str, places: int, limit: int, seed: int) -> None:
    moments = moments_of(bursts(places), count=2000, days=31, seed=seed)
    node, plan = Node(moments, limit=limit, manner=manner), RangePlan.of(MONTH)
    node.run(plan)
    if most_in_a_minute(moments) < limit:
        assert plan.unanswered == []
        assert node.told == set(moments)
        least = fewest_ranges(moments, first=MONTH.first, last=MONTH.last, limit=limit)
        # A month has some 2^16 minutes: so many questions find an edge of a burst, and each has two.
        assert node.requests <= 2 * least + LEARNING[manner] + 2 * 16 * places


@pytest.mark.parametrize("limit", [500, 200, 128])
@pytest.mark.parametrize("kind", HOSPITALS)
def test_what_is_cut_off_without_a_word_is_found(kind: str, limit: int) -> None:
    node = Node(moments_of(HOSPITALS[kind], count=3000, days=31, seed=5), limit=limit, manner="cuts")
    node.run(RangePlan.of(MONTH))
    assert node.told == set(node.moments)


def test_an_answer_that_leaves_many_days_out_is_not_believed() -> None:
    node = Node(moments_of(HOSPITALS["hospital"], count=1000, days=31, seed=7), limit=173, manner="cuts")
    node.run(RangePlan.of(MONTH))
    assert node.told == set(node.moments)


def test_a_known_limit_is_never_believed() -> None:
    plan = RangePlan.of(MONTH)
    assert not plan.answered(MONTH, 173, most_matches=173)
    window = plan.next()
    assert window is not None
    assert window != MONTH


def test_what_is_left_when_a_process_dies_is_asked_for_by_the_next() -> None:
    moments = moments_of(HOSPITALS["hospital"], count=2000, days=31, seed=2)
    at_once, in_steps = Node(moments, limit=90), Node(moments, limit=90)
    at_once.run(RangePlan.of(MONTH))
    text = RangePlan.of(MONTH).model_dump_json()
    while RangePlan.model_validate_json(text).pending:
        plan = RangePlan.model_validate_json(text)
        window = plan.next()
        assert window is not None
        assert RangePlan.model_validate_json(plan.model_dump_json()).next() == window
        in_steps.run_one(plan, window)
        text = plan.model_dump_json()
    assert in_steps.told == set(moments)
    assert in_steps.requests <= 1.1 * at_once.requests


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


def test_a_range_that_is_never_answered_is_given_up_and_listed() -> None:
    plan, refusals = RangePlan.of(WHOLE_DAY), 0
    while (window := plan.next()) is not None:
        plan.refused(window)
        refusals += 1
    assert refusals <= MOST_REFUSALS
    assert plan.unanswered == [WHOLE_DAY]
    assert in_words(plan.unanswered) == ["studies of 2026-03-02"]
    plan.retry_unanswered()
    assert plan.unanswered == []
    window = plan.next()
    assert window is not None
    assert (window.begin, window.is_one_day) == (WHOLE_DAY.begin, True)


def test_a_minute_with_too_many_studies_costs_that_minute_alone() -> None:
    noon = datetime(2026, 3, 2, 12)  # noqa: DTZ001
    crowd = [noon + timedelta(seconds=20, microseconds=number) for number in range(1, 300)]
    others = moments_of(HOSPITALS["uniform"], count=300, days=2, seed=1)
    node, plan = Node([*crowd, *others], limit=100, manner="silent"), RangePlan.of(days_from_first(2))
    node.run(plan)
    assert in_words(plan.unanswered) == ["studies of 2026-03-02, 12:00 to 12:01"]
    assert node.told >= {moment for moment in others if moment.replace(second=0, microsecond=0) != noon}


def test_what_was_learned_of_one_modality_serves_the_next() -> None:
    first = Node(moments_of(HOSPITALS["hospital"], count=5000, days=31, seed=1), limit=200, manner="silent")
    plan = RangePlan.of(MONTH)
    first.run(plan)
    moments = moments_of(HOSPITALS["hospital"], count=5000, days=31, seed=2)
    unaware, aware = (Node(moments, limit=200, manner="silent") for _ in range(2))
    unaware.run(RangePlan.of(MONTH))
    aware.run(RangePlan.of(MONTH, after=plan))
    assert aware.told == set(moments)
    assert aware.requests <= unaware.requests + 3
