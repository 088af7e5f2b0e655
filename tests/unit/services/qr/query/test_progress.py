from datetime import date, time

import pytest

from services.qr.query.progress import QueryProgress, StudyTimes
from services.qr.remote.find import FoundStudy, StudyQuery
from services.qr.remote.windows import Window
from shared.jobs.options import JobOptions, ModalityClass

DAY = date(2026, 3, 2)
WHOLE, MORNING = Window(first=DAY, last=DAY), Window(first=DAY, last=DAY, start=time(), end=time(12))
QUERY = StudyQuery(date_from=DAY, date_until=DAY, study_instance_uid=None)
OPTIONS = JobOptions(modalities=(ModalityClass.CT,))


def study(study_time: str | None) -> FoundStudy:
    return FoundStudy("1.2.3", "20260302", None, None, study_time=study_time)


def times(*answers: tuple[Window, str | None], divided: bool = True) -> StudyTimes:
    seen = StudyTimes()
    if divided:
        seen.divided(MORNING)
    for window, study_time in answers:
        seen.learn(window, study(study_time))
    return seen


def test_days_that_were_asked_for_whole_need_no_note() -> None:
    assert times((WHOLE, None), (WHOLE, "120000"), divided=False).note is None


def test_a_day_in_parts_is_noted() -> None:
    seen = times((MORNING, "080000"))
    assert seen.note == (
        "a day was asked for by time of day (2026-03-02): studies without a Study Time are not found so"
    )
    assert seen.unanswered is None


def test_what_is_known_to_be_missing_is_unanswered() -> None:
    seen = times((WHOLE, None), (MORNING, "080000"))
    assert seen.unanswered == "studies without a Study Time of 2026-03-02"


@pytest.mark.parametrize("answers", [[(WHOLE, None), (MORNING, None), (MORNING, "080000")]])
def test_a_node_that_matches_an_empty_time_misses_nothing(answers: list[tuple[Window, str | None]]) -> None:
    seen = times(*answers)
    assert (seen.note, seen.unanswered) == (None, None)


def test_a_node_that_tells_no_study_times_at_all_shows_nothing() -> None:
    seen = times((WHOLE, None), (MORNING, None))
    assert seen.note is not None
    assert seen.unanswered is None


def test_many_days_are_not_all_listed() -> None:
    seen = StudyTimes()
    for day in range(1, 10):
        seen.divided(Window(first=date(2026, 3, day), last=date(2026, 3, day), start=time(), end=time(12)))
    assert "9 days were asked for by time of day (2026-03-01, 2026-03-02, 2026-03-03, ... 2026-03-09)" in str(seen.note)


def test_a_query_goes_on_where_it_was() -> None:
    progress = QueryProgress.begin(QUERY, OPTIONS)
    progress.finds = 3
    progress.times.divided(MORNING)
    assert QueryProgress.resume(progress.model_dump(mode="json"), QUERY, OPTIONS) == progress


def test_progress_that_an_earlier_version_has_saved_begins_anew() -> None:
    earlier = {"modalities": ["CT"], "plan": {"pending": [], "longest": "P1D"}}
    assert QueryProgress.resume(earlier, QUERY, OPTIONS) == QueryProgress.begin(QUERY, OPTIONS)
