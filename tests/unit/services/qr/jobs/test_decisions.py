from collections.abc import Mapping

import pytest

from services.qr.jobs.decisions import JobEnd, Tally, failed_attempt, gives_up, job_end, last_attempt
from services.qr.remote.errors import NodeAway, NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from shared.database.models.qr import QrJobState, QrStudyState

FOUND, RETRIEVING = QrStudyState.FOUND, QrStudyState.RETRIEVING
RETRIEVED, FAILED = QrStudyState.RETRIEVED, QrStudyState.FAILED
QUERY = "studies of 2026-03-10"


def end(
    studies: Mapping[QrStudyState, int], *, one_study: bool = False, some_objects_of_failed: bool = False
) -> JobEnd | None:
    tally = Tally(studies=studies, some_objects_of_failed=some_objects_of_failed)
    return job_end(tally, query=QUERY, asked_for_one_study=one_study, peer="Archive")


@pytest.mark.parametrize("state", [FOUND, RETRIEVING])
def test_a_job_with_an_open_study_goes_on(state: QrStudyState) -> None:
    assert end({state: 1, RETRIEVED: 99}) is None


def test_a_job_of_which_everything_came_is_complete() -> None:
    assert end({RETRIEVED: 1}) == JobEnd(QrJobState.COMPLETE, "1 study retrieved")
    assert end({RETRIEVED: 7}) == JobEnd(QrJobState.COMPLETE, "7 studies retrieved")


def test_a_job_of_which_something_came_is_partial() -> None:
    assert end({RETRIEVED: 3, FAILED: 2}) == JobEnd(
        QrJobState.PARTIAL, "3 of 5 studies retrieved, 2 failed; each says why"
    )
    partial = end({FAILED: 1}, some_objects_of_failed=True)
    assert partial is not None
    assert partial.state is QrJobState.PARTIAL


def test_a_job_of_which_nothing_came_has_failed() -> None:
    assert end({FAILED: 2}) == JobEnd(QrJobState.FAILED, "none of 2 studies retrieved; each says why")


def test_nothing_found_is_an_answer_for_a_range_and_a_failure_for_one_study() -> None:
    assert end({}) == JobEnd(QrJobState.COMPLETE, f"Archive has no {QUERY}")
    assert end({}, one_study=True) == JobEnd(QrJobState.FAILED, f"Archive has no {QUERY}")


@pytest.mark.parametrize(
    ("error", "last"),
    [(NodeAway("away"), 8), (NodeTrouble("trouble"), 3), (StudyRefused("no"), 1), (NodeRefuses("never"), 1)],
)
def test_each_class_of_error_is_worth_so_many_attempts(error: RemoteError, last: int) -> None:
    assert gives_up(error, attempts=last)
    assert not gives_up(error, attempts=last - 1)


def test_a_person_reads_how_often_and_when_again() -> None:
    assert failed_attempt(NodeAway("away"), attempts=2, again_in=30) == "away; attempt 2 of 8, again in 30 seconds"
    assert failed_attempt(NodeAway("away"), attempts=4, again_in=1800) == "away; attempt 4 of 8, again in 30 minutes"
    assert last_attempt(NodeAway("away"), attempts=8) == "away; given up after 8 attempts"
    assert last_attempt(StudyRefused("no"), attempts=1) == "no"


def test_ranges_without_answer_make_a_job_partial() -> None:
    tally = Tally(studies={QrStudyState.RETRIEVED: 2, QrStudyState.SKIPPED: 1})
    ranges = [f"CT studies of 2026-03-0{day}" for day in range(1, 6)]
    end = job_end(tally, query="studies", asked_for_one_study=False, peer="PACS", unanswered=ranges)
    assert end == JobEnd(
        QrJobState.PARTIAL,
        "2 studies retrieved, 1 not needed; INCOMPLETE: PACS did not answer for 5 ranges: CT studies of 2026-03-01; "
        "CT studies of 2026-03-02; CT studies of 2026-03-03; ...",
    )


def test_a_review_begins_when_everything_is_chosen() -> None:
    choosing = Tally(studies={QrStudyState.CHOSEN: 2, QrStudyState.FOUND: 1})
    chosen = Tally(studies={QrStudyState.CHOSEN: 2, QrStudyState.SKIPPED: 1})
    nothing = Tally(studies={QrStudyState.SKIPPED: 3})

    def end(tally: Tally) -> JobEnd | None:
        return job_end(tally, query="studies", asked_for_one_study=False, peer="PACS", choosing=True)

    assert end(choosing) is None
    assert end(chosen) == JobEnd(QrJobState.REVIEW, "2 studies chosen, 1 not needed; waits for a review")
    assert end(nothing) == JobEnd(QrJobState.COMPLETE, "0 studies retrieved, 3 not needed")


def test_what_the_query_has_shown_of_the_node_is_said_in_the_end() -> None:
    tally = Tally(studies={QrStudyState.RETRIEVED: 1})
    end = job_end(tally, query="studies", asked_for_one_study=False, peer="PACS", notes=["it answers twice"])
    assert end == JobEnd(QrJobState.COMPLETE, "1 study retrieved; it answers twice")
