import pytest

from shared.broker.topology import MAX_ATTEMPTS, RETRY_DELAYS
from shared.broker.verdict import Acknowledge, DeadLetter, Retry, is_final, judge
from shared.errors import ObjectMissing, Permanent, Retriable, Unavailable, UnreadableObject


def test_success_is_acknowledged() -> None:
    assert judge(None, attempt=3) == Acknowledge()


@pytest.mark.parametrize("error", [Permanent("no"), UnreadableObject("no"), ObjectMissing("no")])
def test_permanent_errors_are_dead_lettered_at_once(error: Permanent) -> None:
    verdict = judge(error, attempt=0)
    assert verdict == DeadLetter(attempt=1, reason=f"{type(error).__name__}: no")
    assert is_final(error, attempt=0)


def test_retriable_errors_wait_longer_each_time() -> None:
    delays = []
    for attempt in range(MAX_ATTEMPTS - 1):
        verdict = judge(Retriable("later"), attempt=attempt)
        assert isinstance(verdict, Retry)
        assert verdict.attempt == attempt + 1
        delays.append(verdict.delay)
    assert delays == sorted(delays)
    assert tuple(dict.fromkeys(delays)) == RETRY_DELAYS


def test_attempts_are_used_up() -> None:
    assert isinstance(judge(Retriable("again"), attempt=MAX_ATTEMPTS - 1), DeadLetter)


def test_unavailability_is_never_counted() -> None:
    for attempt in (0, MAX_ATTEMPTS - 1, MAX_ATTEMPTS + 5):
        assert judge(Unavailable("database"), attempt=attempt) == Retry(
            delay=RETRY_DELAYS[0], attempt=attempt, reason="Unavailable: database"
        )


def test_what_nobody_foresaw_is_tried_again_but_not_for_ever() -> None:
    assert isinstance(judge(KeyError("x"), attempt=0), Retry)
    assert isinstance(judge(KeyError("x"), attempt=MAX_ATTEMPTS - 1), DeadLetter)


def test_reasons_have_a_limit() -> None:
    verdict = judge(Permanent("x" * 10_000), attempt=0)
    assert isinstance(verdict, DeadLetter)
    assert len(verdict.reason) == 500
