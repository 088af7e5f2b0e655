from datetime import date

import pytest

from services.qr.query.limit import AIM, BOLD, AnswerLimit
from services.qr.remote.windows import Window

TWO_DAYS = Window(first=date(2026, 3, 1), last=date(2026, 3, 2))
FIRST, SECOND = (Window(first=date(2026, 3, day), last=date(2026, 3, day)) for day in (1, 2))


def test_nothing_is_known_at_first() -> None:
    assert AnswerLimit().target is None


def test_what_came_before_a_refusal_is_the_limit() -> None:
    limit = AnswerLimit()
    limit.refused(TWO_DAYS, 500, announced=True)
    limit.answered(FIRST, 120)
    assert limit.target == AIM * 500


def test_where_nothing_came_longer_answers_are_tried_step_by_step() -> None:
    limit = AnswerLimit()
    limit.refused(TWO_DAYS, 0, announced=True)
    limit.answered(FIRST, 120)
    assert limit.target == BOLD * 120


def test_after_a_refusal_no_longer_answer_is_tried_until_it_is_known_how_many_there_were() -> None:
    limit = AnswerLimit(most=300)
    limit.refused(TWO_DAYS, 0, announced=True)
    assert limit.target == AIM * 300
    limit.answered(FIRST, 240)
    assert limit.target == AIM * 300
    limit.answered(SECOND, 280)
    assert limit.proven == 520
    assert limit.target == AIM * 520


@pytest.mark.parametrize(("count", "cut"), [(99, False), (100, True), (150, True), (128, True), (173, False)])
def test_a_round_number_looks_like_a_limit(count: int, cut: bool) -> None:
    assert AnswerLimit().looks_cut(count) is cut


def test_the_same_highest_number_again_looks_like_a_limit() -> None:
    limit = AnswerLimit()
    limit.answered(FIRST, 173)
    assert limit.looks_cut(173)
    assert not limit.looks_cut(172)


def test_a_node_that_refuses_is_believed_up_to_there() -> None:
    limit = AnswerLimit()
    limit.refused(TWO_DAYS, 500, announced=True)
    assert not limit.looks_cut(500)


def test_what_was_cut_off_without_a_word_is_not_believed_the_next_time() -> None:
    limit = AnswerLimit()
    limit.refused(TWO_DAYS, 173, announced=False)
    assert limit.looks_cut(173)
