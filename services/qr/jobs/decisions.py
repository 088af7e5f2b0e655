"""Decisions on a job: its final state, and the number of attempts. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.qr.remote.errors import RemoteError
from shared.database.models.qr import QrJobState, QrStudyState


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of a job's studies by state, and whether a failed study has brought some of its objects."""

    studies: Mapping[QrStudyState, int]
    some_objects_of_failed: bool = False

    def count(self, state: QrStudyState) -> int:
        """Return the number of studies in a state."""
        return self.studies.get(state, 0)

    @property
    def total(self) -> int:
        """How many studies there are."""
        return sum(self.studies.values())

    @property
    def open(self) -> int:
        """How many studies are not over."""
        return sum(count for state, count in self.studies.items() if state.is_open)


@dataclass(frozen=True, slots=True)
class JobEnd:
    """The end of a job."""

    state: QrJobState
    detail: str


def job_end(
    tally: Tally,
    *,
    query: str,
    asked_for_one_study: bool,
    peer: str,
    unanswered: Sequence[str] = (),
    choosing: bool = False,
    notes: Sequence[str] = (),
) -> JobEnd | None:
    """Decide how a job ends whose query is over; None while studies are open.

    A range of days without studies is a complete answer; a study that was named and is not there is a failure.

    Args:
        tally: where the studies stand.
        query: what was looked for, in words.
        asked_for_one_study: rather than for a range of days.
        peer: the remote node's name.
        unanswered: ranges that it would not answer, in words: the job is not complete.
        notes: what the query has shown of the node, in words.
        choosing: a person reviews what was chosen before it is retrieved.
    """
    chosen = tally.count(QrStudyState.CHOSEN)
    if tally.open > (chosen if choosing else 0):
        return None
    if choosing and chosen:
        skipped = tally.count(QrStudyState.SKIPPED)
        return JobEnd(QrJobState.REVIEW, f"{_studies(chosen)} chosen, {skipped} not needed; waits for a review")
    end = _end_of_retrieval(tally, query=query, asked_for_one_study=asked_for_one_study, peer=peer)
    end = JobEnd(end.state, "; ".join([end.detail, *notes]))
    if not unanswered:
        return end
    missing = f"INCOMPLETE: {peer} did not answer for {len(unanswered)} ranges: {'; '.join(unanswered[:3])}"
    state = QrJobState.FAILED if end.state is QrJobState.FAILED else QrJobState.PARTIAL
    return JobEnd(state, f"{end.detail}; {missing}{'; ...' if len(unanswered) > 3 else ''}")


def _end_of_retrieval(tally: Tally, *, query: str, asked_for_one_study: bool, peer: str) -> JobEnd:
    if tally.total == 0:
        if asked_for_one_study:
            return JobEnd(QrJobState.FAILED, f"{peer} has no {query}")
        return JobEnd(QrJobState.COMPLETE, f"{peer} has no {query}")
    retrieved, failed = tally.count(QrStudyState.RETRIEVED), tally.count(QrStudyState.FAILED)
    skipped = tally.count(QrStudyState.SKIPPED)
    not_needed = f", {skipped} not needed" if skipped else ""
    if not failed:
        return JobEnd(QrJobState.COMPLETE, f"{_studies(retrieved)} retrieved{not_needed}")
    if not retrieved and not tally.some_objects_of_failed:
        return JobEnd(QrJobState.FAILED, f"none of {_studies(failed)} retrieved{not_needed}; each says why")
    detail = f"{retrieved} of {_studies(tally.total)} retrieved, {failed} failed{not_needed}; each says why"
    return JobEnd(QrJobState.PARTIAL, detail)


def gives_up(error: RemoteError, *, attempts: int) -> bool:
    """Tell whether this error ends the attempts; `attempts` includes the one that failed."""
    return attempts >= error.max_attempts


def failed_attempt(error: RemoteError, *, attempts: int, again_in: int) -> str:
    """Return the text shown between two attempts; `again_in` in seconds."""
    return f"{error}; attempt {attempts} of {error.max_attempts}, again in {_duration(again_in)}"


def last_attempt(error: RemoteError, *, attempts: int) -> str:
    """Return the text shown after the last attempt."""
    return str(error) if attempts == 1 else f"{error}; given up after {attempts} attempts"


def _duration(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


def _studies(count: int) -> str:
    return f"{count} stud{'y' if count == 1 else 'ies'}"
