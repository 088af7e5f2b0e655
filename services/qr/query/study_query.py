"""The query of a job at STUDY level, by modality and range; after a crash it continues at the last range."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.qr.query.plan import RangePlan
from services.qr.query.progress import ANY, QueryProgress
from services.qr.remote.archive import Archive
from services.qr.remote.errors import NodeTrouble
from services.qr.remote.find import FoundStudy, StudyQuery, find_studies, identifier
from services.qr.remote.windows import Window, in_words
from shared.jobs.node_settings import NodeSettings
from shared.logging import get_logger

LONGEST_STATION_NAME = 16
SLOW_SECONDS = 2.0
SLOW_ANSWER_SECONDS = 0.1
"""The limits of a slow node, in seconds: for a query, and in addition for each of its answers."""
BATCH = 100
BATCH_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(slots=True)
class Answers:
    """The answers to one C-FIND: the studies by their UIDs, each with its moment, in the order of arrival."""

    studies: dict[str, datetime | None] = field(default_factory=dict)
    count: int = 0
    """The number of answers, with repeated studies."""

    @property
    def moments(self) -> list[datetime]:
        """Return the moments of the studies that have one."""
        return [moment for moment in self.studies.values() if moment is not None]


class StudyQuerySession:
    """The queries of one job to one node.

    Args:
        archive: the node.
        query: the wanted studies.
        node: the settings of the node for queries.
        progress: of the query; changed in place.
        save: called with new studies and the progress, often enough that a crash costs little.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        query: StudyQuery,
        node: NodeSettings,
        progress: QueryProgress,
        save: Callable[[Sequence[FoundStudy], QueryProgress], None],
    ) -> None:
        self._archive = archive
        self._query = query
        self._node = node
        self._progress = progress
        self._save = save

    def run(self, *, last_attempt: bool) -> list[str]:
        """Ask until everything is asked for; return the ranges that were not answered, in words.

        Args:
            last_attempt: accept that ranges stay unanswered.

        Raises:
            NodeTrouble: the node has answered nothing at all, or some ranges have to be asked for again.
            RemoteError, JobCancelled, Stopping: as `Archive.find`.
        """
        progress = self._progress
        while progress.modalities:
            modality = progress.modalities[0]
            if progress.plan is None:
                self._ask(modality, None, Answers())
                progress.modalities.pop(0)
                break
            self._ask_ranges(modality, progress.plan)
            if progress.plan.unanswered and not last_attempt:
                missing = in_words(progress.plan.unanswered)
                progress.plan.retry_unanswered()
                self._save([], progress)
                raise NodeTrouble(f"{self._archive} does not answer for {len(missing)} ranges: {missing[0]} ...")
            self._next_modality(modality, progress.plan)
            self._save([], progress)
        if progress.times.note:
            progress.note(progress.times.note)
            self._save([], progress)
        without_time = progress.times.unanswered
        return [*progress.unanswered, without_time] if without_time else progress.unanswered

    def _ask_ranges(self, modality: str, plan: RangePlan) -> None:
        while (window := plan.next()) is not None:
            answers = Answers()
            if window.has_times and not self._asked_by_time:
                self._progress.times.divided(window)
            try:
                self._ask(modality, window, answers)
            except NodeTrouble as error:
                log.info("range refused", range=str(window), modality=modality, reason=str(error))
                self._progress.note("the node refuses long answers: its ranges were divided")
                if not plan.refused(window, len(answers.studies), answers.moments) and not plan.anything_answered:
                    plan.retry_unanswered()
                    raise
            else:
                count = len(answers.studies)
                if not plan.answered(window, count, answers.moments, most_matches=self._node.most_matches):
                    self._progress.note(f"{count} answers look cut off: such ranges were divided")
            self._save([], self._progress)
            if self._node.pause_seconds:
                time.sleep(self._node.pause_seconds)

    @property
    def _asked_by_time(self) -> bool:
        """True if the job itself is for a part of a day."""
        return self._query.window is not None and self._query.window.has_times

    def _ask(self, modality: str, window: Window | None, answers: Answers) -> None:
        """Write down what is found as it comes, and add it to `answers`, also where the node refuses in the end."""
        self._progress.finds += 1
        keys = identifier(
            window=window,
            study_instance_uid=self._query.study_instance_uid,
            modality=modality,
            modality_key=self._node.modality_key,
        )
        answered = time.monotonic()
        waited = 0.0
        for batch in batches(find_studies(self._archive, keys)):
            waited += time.monotonic() - answered
            self._learn(modality, batch)
            self._save(batch, self._progress)
            for study in batch:
                if window is not None and study.study_instance_uid not in answers.studies:
                    self._progress.times.learn(window, study)
                answers.studies.setdefault(study.study_instance_uid, study.moment)
            answers.count += len(batch)
            if any(len(study.station_name or "") > LONGEST_STATION_NAME for study in batch):
                self._progress.note("the node tells station names of more than 16 characters")
            answered = time.monotonic()
        if waited > SLOW_SECONDS + SLOW_ANSWER_SECONDS * answers.count:
            self._progress.note(f"the node is slow: a query took it more than {SLOW_SECONDS:g} seconds")
        if answers.count > len(answers.studies):
            self._progress.note("the node answers more than once for a study: each is taken once")

    def _learn(self, modality: str, found: Sequence[FoundStudy]) -> None:
        if modality != ANY:
            answers = [study.modalities for study in found]
            self._progress.learn(self._progress.evidence.seen(asked=modality, answers=answers))

    def _next_modality(self, modality: str, plan: RangePlan) -> None:
        """Go on with the next modality, or with none where the node does not match on it."""
        progress, window = self._progress, self._query.window
        progress.unanswered += [f"{modality} {one}".strip() for one in in_words(plan.unanswered)]
        progress.modalities.pop(0)
        if modality != ANY and self._node.modality_key and progress.answers and not progress.returned:
            progress.note("the node returns no Modalities in Study: it was asked by Modality, as its settings say")
        if modality != ANY and not progress.evidence.matches(modality_key=self._node.modality_key):
            if progress.mismatch:
                progress.note("the node does not match on Modalities in Study: asked once, chosen by ourselves")
                progress.modalities = []
            else:
                # It may match all the same: only a query for everything is sure to find everything.
                progress.note("the node returns no Modalities in Study: asked for everything, chosen by ourselves")
                progress.modalities = [ANY]
        if progress.modalities and window is not None:
            progress.plan = RangePlan.of(window, after=plan)


def batches(studies: Iterable[FoundStudy]) -> Iterator[list[FoundStudy]]:
    """Yield the studies in lists, so that a crash and a person's patience cost little and a commit is shared.

    Where the node refuses in the end, what has come before is yielded all the same.
    """
    batch: list[FoundStudy] = []
    since = time.monotonic()
    try:
        for study in studies:
            batch.append(study)
            if len(batch) >= BATCH or time.monotonic() - since >= BATCH_SECONDS:
                yield batch
                batch, since = [], time.monotonic()
    except NodeTrouble:
        yield batch
        raise
    yield batch
