"""The query of a job at STUDY level: modality by modality, range by range, so that a crash goes on from there."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from pydantic import BaseModel

from services.qr.archive import Archive
from services.qr.choice.modalities import ModalityEvidence, modalities_to_ask
from services.qr.errors import NodeTrouble
from services.qr.find import FoundStudy, StudyQuery, find_studies, identifier
from services.qr.windows import RangePlan, Window, in_words
from shared.logging import get_logger
from shared.qr_node import NodeSettings
from shared.qr_options import JobOptions

LONGEST_STATION_NAME = 16
ANY = ""
"""In place of a modality: all studies."""

log = get_logger(__name__)


BATCH = 100
BATCH_SECONDS = 1.0


class QueryProgress(BaseModel):
    """How far a query is. Its JSON stands in the database while the query runs."""

    modalities: list[str]
    """Those that have still to be asked for, the present one first."""
    plan: RangePlan | None
    """The ranges of the present one; None: one study."""
    unanswered: list[str] = []
    """Ranges of earlier modalities that were not answered, in words."""
    finds: int = 0
    """How many C-FINDs were sent."""
    answers: int = 0
    returned: bool = False
    mismatch: bool = False
    notes: list[str] = []
    """What the answers have shown of the node, in words."""

    @classmethod
    def begin(cls, query: StudyQuery, options: JobOptions) -> "QueryProgress":
        """Return the progress of a query that has not begun."""
        window = query.window
        asked = modalities_to_ask(options.modalities) if window is not None else ()
        return cls(modalities=list(asked) or [ANY], plan=None if window is None else RangePlan.of(window))

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


class StudyQuerySession:
    """Asks one node.

    Args:
        archive: the node.
        query: what is looked for.
        node: how the node wants to be asked.
        progress: where it stands; changed in place.
        save: called with what has come and the progress, often enough that a crash costs little.
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
                self._ask(modality, None)
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
        return progress.unanswered

    def _ask_ranges(self, modality: str, plan: RangePlan) -> None:
        while (window := plan.next()) is not None:
            try:
                count = self._ask(modality, window)
            except NodeTrouble as error:
                log.info("range refused", range=str(window), modality=modality, reason=str(error))
                self._progress.note("the node refuses long answers: its ranges were halved")
                if not plan.refused(window) and not plan.answered_span:
                    plan.retry_unanswered()
                    raise
            else:
                if not plan.answered(window, count, most_matches=self._node.most_matches):
                    self._progress.note(f"{count} answers look cut off: such ranges were halved")
            self._save([], self._progress)
            if self._node.pause_seconds:
                time.sleep(self._node.pause_seconds)

    def _ask(self, modality: str, window: Window | None) -> int:
        """Write down what is found as it comes; return how many different studies that were."""
        self._progress.finds += 1
        keys = identifier(
            window=window,
            study_instance_uid=self._query.study_instance_uid,
            modality=modality,
            modality_key=self._node.modality_key,
        )
        seen: set[str] = set()
        answers = 0
        for batch in batches(find_studies(self._archive, keys)):
            self._learn(modality, batch)
            self._save(batch, self._progress)
            seen.update(study.study_instance_uid for study in batch)
            answers += len(batch)
            if any(len(study.station_name or "") > LONGEST_STATION_NAME for study in batch):
                self._progress.note("the node tells station names of more than 16 characters")
        if answers > len(seen):
            self._progress.note("the node answers more than once for a study: each is taken once")
        return len(seen)

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
            longest = plan.longest
            progress.plan = RangePlan.of(window)
            progress.plan.longest = longest


def batches(studies: Iterable[FoundStudy]) -> Iterator[list[FoundStudy]]:
    """Yield the studies in lists, so that a crash and a person's patience cost little and a commit is shared."""
    batch: list[FoundStudy] = []
    since = time.monotonic()
    for study in studies:
        batch.append(study)
        if len(batch) >= BATCH or time.monotonic() - since >= BATCH_SECONDS:
            yield batch
            batch, since = [], time.monotonic()
    yield batch
