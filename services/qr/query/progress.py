"""The progress of a query at STUDY level: the ranges that are left, and findings from the answers. Pure functions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from services.qr.choice.modalities import ModalityEvidence, modalities_to_ask
from services.qr.query.plan import RangePlan
from services.qr.remote.find import FoundStudy, StudyQuery
from services.qr.remote.windows import Window
from shared.jobs.options import JobOptions
from shared.logging import get_logger

ANY = ""
"""Stands in place of a modality for all studies."""

log = get_logger(__name__)


class StudyTimes(BaseModel):
    """The days that were queried by time of day, and the evidence of studies that such queries miss.

    A range of times does not match an empty Study Time (PS3.4 section C.2.2.2.5), and no other key of the base standard
    does.
    """

    days: list[date] = []
    """Days that were queried in parts."""
    told: int = 0
    """Studies with a Study Time."""
    missing: int = 0
    """Studies without a Study Time, in answers for whole days."""
    missing_in_parts: int = 0
    """Studies without a Study Time, in answers for a part of a day."""

    def learn(self, window: Window, study: FoundStudy) -> None:
        """Take note of a study that was found in a range."""
        if study.study_time:
            self.told += 1
        elif window.has_times:
            self.missing_in_parts += 1
        else:
            self.missing += 1

    def divided(self, window: Window) -> None:
        """Take note of a part of a day that was asked for."""
        if window.first not in self.days:
            self.days.append(window.first)

    @property
    def matched(self) -> bool:
        """True if the node nevertheless matches an empty Study Time (and not if it never returns a Study Time)."""
        return bool(self.told and self.missing_in_parts)

    @property
    def note(self) -> str | None:
        """Return the words for studies that a query by time of day misses; None if there was no such query."""
        if not self.days or self.matched:
            return None
        days = "a day was" if len(self.days) == 1 else f"{len(self.days)} days were"
        return f"{days} asked for by time of day ({_listed(self.days)}): studies without a Study Time are not found so"

    @property
    def unanswered(self) -> str | None:
        """Return the missing ranges in words, if the node has studies without a Study Time as well as with one."""
        if self.note is None or not (self.told and self.missing):
            return None
        return f"studies without a Study Time of {_listed(self.days)}"


def _listed(days: list[date]) -> str:
    ordered = sorted(days)
    return ", ".join(map(str, ordered[:3])) + (f", ... {ordered[-1]}" if len(ordered) > 3 else "")


class QueryProgress(BaseModel):
    """The progress of a query. Its JSON stands in the database while the query runs."""

    modalities: list[str]
    """The modalities that are still to be queried, the present one first."""
    plan: RangePlan | None
    """The ranges of the present modality; None: the query is for one study."""
    unanswered: list[str] = []
    """Ranges of earlier modalities that were not answered, in words."""
    finds: int = 0
    """The number of C-FINDs sent."""
    answers: int = 0
    returned: bool = False
    mismatch: bool = False
    notes: list[str] = []
    """Findings about the node from its answers, in words."""
    times: StudyTimes = Field(default_factory=StudyTimes)

    @classmethod
    def begin(cls, query: StudyQuery, options: JobOptions) -> "QueryProgress":
        """Return the progress of a query that has not begun."""
        window = query.window
        asked = modalities_to_ask(options.modalities) if window is not None else ()
        return cls(modalities=list(asked) or [ANY], plan=None if window is None else RangePlan.of(window))

    @classmethod
    def resume(cls, saved: Mapping[str, Any] | None, query: StudyQuery, options: JobOptions) -> "QueryProgress":
        """Return the progress as it was saved; from the beginning where it was not, or by another version of ours."""
        if saved is not None:
            try:
                return cls.model_validate(saved)
            except ValidationError:
                log.warning("the progress of the query cannot be read: it begins anew")
        return cls.begin(query, options)

    @property
    def evidence(self) -> ModalityEvidence:
        """What the answers so far show of the matching by modality."""
        return ModalityEvidence(answers=self.answers, returned=self.returned, mismatch=self.mismatch)

    def note(self, text: str) -> None:
        """Take note of something, once."""
        if text not in self.notes:
            self.notes.append(text)
            log.info("learned of the node", note=text)

    def learn(self, evidence: ModalityEvidence) -> None:
        """Keep the evidence."""
        self.answers, self.returned, self.mismatch = evidence.answers, evidence.returned, evidence.mismatch
