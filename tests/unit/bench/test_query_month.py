from dataclasses import replace

import pytest

from bench.query_month import MOST_GROWTH_MB, Outcome

GOOD = Outcome(
    state="complete",
    studies=100,
    found=100,
    distinct=100,
    finds=8,
    least_finds=4,
    seconds=1.0,
    memory_mb=[80.0, 100.0, 101.0, 101.0],
)


def test_a_good_outcome_has_no_problems() -> None:
    assert GOOD.problems == []
    assert GOOD.growth_mb == pytest.approx(1)


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (replace(GOOD, state="partial"), "the job is partial"),
        (replace(GOOD, found=98, distinct=98), "2 studies were not found"),
        (replace(GOOD, found=101), "1 studies were written twice"),
        (replace(GOOD, finds=9), "more than 2 x 4 C-FINDs"),
        (replace(GOOD, memory_mb=[80.0, 100.0, 103.0, 101.0 + MOST_GROWTH_MB]), "the memory grew by 6.0 MB"),
    ],
)
def test_each_problem_is_named(outcome: Outcome, problem: str) -> None:
    assert outcome.problems == [problem]
