"""The retrieval of a study, or of what was chosen of it, and the check that it has arrived in the store node."""

import time
from collections.abc import Callable, Sequence

from pydicom.dataset import Dataset

from services.qr.jobs.contents import IMPORTING, Arrival, WantedSeries
from services.qr.jobs.job import JobInHand
from services.qr.remote.archive import Archive
from services.qr.remote.errors import (
    ImportPending,
    NodeTrouble,
    NotArrived,
    NotImported,
    RemoteError,
    Stopping,
    StudyRefused,
)
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.status import Counts
from services.qr.steps.worker import Worker
from shared.database.models.qr import QrStudy
from shared.database.models.received_object import ObjectState

PROGRESS_SECONDS = 0.5
LOOK_FOR_ARRIVAL = 0.1
IMPORT_PATIENCE = 1.0
"""Seconds from the last reception for which the worker waits for imports."""


class Retrieval:
    """One attempt to retrieve a study. `counts`: the node's numbers of all its sub-operations so far."""

    def __init__(self, *, worker: Worker, job: JobInHand, study: QrStudy) -> None:
        self._worker = worker
        self._job = job
        self._study = study
        self._pause = job.settings.pause_seconds
        self._written = time.monotonic()
        self.counts = Counts()
        self.notes: dict[str, None] = {}
        """Findings about the node from its responses, in words."""

    def whole_study(self, archive: Archive, series: Sequence[WantedSeries] = ()) -> str:
        """Have everything sent with one request; return what the node says of its success.

        Args:
            archive: the node.
            series: what it has named of the study.

        Raises:
            RemoteError, JobCancelled, Stopping: it has not come, or not completely.
        """
        said = self._ask_for(archive, retrieve_keys(self._study.study_instance_uid))
        self._sent(series, said)
        return said

    def missing(self, series: Sequence[WantedSeries]) -> list[tuple[WantedSeries, tuple[str, ...]]]:
        """Return the series of which something has not been received yet, and their instances that have not."""
        return [
            (one, absent)
            for one in series
            if not one.done and ((absent := self._absent(one)) or not one.sop_instance_uids)
        ]

    def chosen(self, archive: Archive, series: Sequence[WantedSeries]) -> None:
        """Have what is missing sent, series by series; the failure of one does not keep the others from coming.

        Raises:
            RemoteError: something has not been sent; the text says what.
            NodeAway, NodeRefuses, JobCancelled, Stopping: at once, as every further series would meet the same.
        """
        failures: list[RemoteError] = []
        for one, absent in self.missing(series):
            try:
                said = self._series(archive, one, absent)
            except (NodeTrouble, StudyRefused) as error:
                failures.append(type(error)(f"{one.label}: {error}"))
            else:
                self._sent([one], said)
        if failures:
            worst = next((error for error in failures if isinstance(error, NodeTrouble)), failures[0])
            raise type(worst)("; ".join(map(str, failures)))

    def reconcile(self, series: Sequence[WantedSeries], *, patience: float) -> str:
        """See that everything that has a name was received and imported; return that in words.

        Args:
            series: what is wanted.
            patience: how long to wait until everything is received, in seconds.

        Raises:
            NotArrived: something was not received.
            ImportPending: it was, and is not imported yet.
            NotImported: it was, and could not be imported.
            Stopping: this worker is being stopped.
        """
        uids = [uid for one in series for uid in one.sop_instance_uids]
        unnamed = [one.label for one in series if not one.sop_instance_uids]
        if not self._is_ours or not uids:
            return "; ".join(f"{one.label} sent" for one in series)
        deadline = time.monotonic() + patience
        all_received = False
        while True:
            arrivals = self._arrivals(uids)
            waiting = len(uids) - sum(arrival.state not in IMPORTING for arrival in arrivals.values())
            if not all_received and len(arrivals) == len(uids):
                all_received, deadline = True, min(deadline, time.monotonic() + IMPORT_PATIENCE)
            if not waiting or time.monotonic() >= deadline:
                break
            if self._worker.stop.wait(LOOK_FOR_ARRIVAL):
                raise Stopping("this worker is being stopped")
        return judge_arrivals(uids, arrivals) + (f"; {', '.join(unnamed)} sent" if unnamed else "")

    def _sent(self, series: Sequence[WantedSeries], said: str) -> None:
        """Take note of what was sent and of which nothing else will tell that it has come."""
        for one in series:
            if not self._is_ours or not one.sop_instance_uids:
                self._worker.contents.done(one.id, said)

    def _series(self, archive: Archive, one: WantedSeries, absent: tuple[str, ...]) -> str:
        """Ask for a series as a whole where all of it is missing, else for each instance that is."""
        study_uid, series_uid = self._study.study_instance_uid, one.series_instance_uid
        if not one.sop_instance_uids or (one.whole and len(absent) == len(one.sop_instance_uids)):
            return self._ask_for(archive, retrieve_keys(study_uid, series_uid))
        for uid in absent:
            self._ask_for(archive, retrieve_keys(study_uid, series_uid, uid))
        return f"{len(absent)} objects sent"

    def _ask_for(self, archive: Archive, keys: Dataset) -> str:
        before = self.counts

        def progress(counts: Counts) -> None:
            self.counts = before.plus(counts)
            if time.monotonic() - self._written >= PROGRESS_SECONDS:
                self._worker.studies.progress(self._study.id, self.counts)
                self._written = time.monotonic()

        try:
            retrieved = archive.retrieve(keys, progress=progress)
        finally:
            if self._pause:
                self._worker.stop.wait(self._pause)
        if retrieved.note:
            self.notes[retrieved.note] = None
        return retrieved.said

    @property
    def _is_ours(self) -> bool:
        """True if the store node is ours, so that arrival can be checked."""
        return self._job.store_node.managed

    def _absent(self, one: WantedSeries) -> tuple[str, ...]:
        if not self._is_ours:
            return one.sop_instance_uids
        arrived = self._arrivals(one.sop_instance_uids)
        return tuple(uid for uid in one.sop_instance_uids if uid not in arrived)

    def _arrivals(self, uids: Sequence[str]) -> dict[str, Arrival]:
        since = self._job.created_at if self._job.options.include_known else None
        return self._worker.contents.arrivals(self._study.study_instance_uid, uids, since=since)


def judge_arrivals(uids: Sequence[str], arrivals: dict[str, Arrival]) -> str:
    """Return in words that all of these objects were received and imported.

    Raises:
        NotArrived, ImportPending, NotImported: as `Retrieval.reconcile`.
    """
    absent = len(uids) - len(arrivals)
    if absent:
        raise NotArrived(f"{absent} of {_objects(len(uids))} have not been received by the store node")
    pending = _count(arrivals, lambda state: state in IMPORTING)
    if pending:
        raise ImportPending(f"{pending} of {_objects(len(uids))} received, but not imported yet")
    failed = [arrival for arrival in arrivals.values() if arrival.state is ObjectState.FAILED]
    if failed:
        raise NotImported(f"{len(failed)} of {_objects(len(uids))} could not be imported: {failed[0].reason}")
    parts = [f"{_objects(len(uids))} received"]
    refused = _count(arrivals, lambda state: state is ObjectState.REFUSED)
    if refused:
        parts.append(f"{refused} without dose")
    duplicate = _count(arrivals, lambda state: state is ObjectState.DUPLICATE)
    if duplicate:
        parts.append(f"{duplicate} added nothing new")
    return ", ".join(parts)


def _count(arrivals: dict[str, Arrival], wanted: Callable[[ObjectState], bool]) -> int:
    return sum(wanted(arrival.state) for arrival in arrivals.values())


def _objects(count: int) -> str:
    return f"{count} object{'s' if count != 1 else ''}"
