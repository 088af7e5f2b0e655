"""Retrieved files, passed on to the job's store node, each after a check of its header."""

import mmap
from contextlib import ExitStack
from pathlib import Path

from pydicom.dataset import Dataset

from services.qr.forwarding.passage import Passage
from services.qr.forwarding.relay import Relay
from services.qr.forwarding.values import ForwardedCounts, ObjectKind, PassingOn
from services.qr.remote.errors import NodeTrouble, RemoteError, StudyRefused
from services.qr.remote.status import Counts
from services.qr.remote.watchdog import Watchdog
from shared.dicom.header import MAX_INFLATED_HEADER, ObjectHeader, mapped_file, object_header, read_attributes
from shared.dicom.part10 import open_part10
from shared.errors import UnreadableObject
from shared.logging import get_logger

PIECE = 2**16

log = get_logger(__name__)


class Forwarding:
    """Objects on their way from an answer to the store node. A context manager.

    Args:
        keys: of the retrieval; other objects are not passed on.
        passing_on: the store node; it is called when the first object has come.
        source: the watchdog of the connection over which they come.

    An object that cannot be passed on does not keep the others back: it is counted.
    """

    def __init__(self, *, keys: Dataset, passing_on: PassingOn, source: Watchdog) -> None:
        self._keys = keys
        self._passing_on = passing_on
        self._source = source
        self._stack = ExitStack()
        self._relay: Relay | None = None
        self.not_asked_for = 0
        self.unreadable = 0

    def __enter__(self) -> "Forwarding":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.__exit__(*exc_info)  # type: ignore[arg-type]

    def take(self, path: Path) -> None:
        """Pass an object on, or count it as one that was not.

        Raises:
            RemoteError: the store node cannot be called.
            Stopping: this worker is being stopped.
        """
        try:
            with mapped_file(path) as data:
                part10 = open_part10(data, inflate_at_most=MAX_INFLATED_HEADER)
                header = object_header(part10, read_attributes(part10))
                if self._is_wanted(header):
                    self._pass_on(header, data, part10.begins_at)
        except UnreadableObject as error:
            log.warning("object not passed on", reason=str(error))
            self.unreadable += 1

    @property
    def counts(self) -> Counts:
        """The numbers of objects that were taken and that were not, as the responses to a C-MOVE would say it."""
        forwarded = self._forwarded
        return Counts(completed=forwarded.sent, failed=self._failed, warning=forwarded.warned)

    def failure(self, *, peer: object) -> RemoteError | None:
        """Return why objects were not passed on; None: there are none of these.

        Args:
            peer: whose text names the node from which they came.
        """
        failed = self._failed
        if not failed:
            return None
        forwarded = self._forwarded
        reasons = list(forwarded.refused)
        if self.not_asked_for:
            reasons.append(f"{self.not_asked_for} were not asked for")
        if self.unreadable:
            reasons.append(f"{self.unreadable} cannot be read as DICOM objects")
        text = (
            f"{failed} of {failed + (self.counts.arrived or 0)} objects of {peer} were not taken: {'; '.join(reasons)}"
        )
        lasts = forwarded.refused and not forwarded.may_pass
        return StudyRefused(text) if lasts else NodeTrouble(text)

    @property
    def _failed(self) -> int:
        return self._forwarded.refused.total() + self.not_asked_for + self.unreadable

    @property
    def _forwarded(self) -> ForwardedCounts:
        return ForwardedCounts() if self._relay is None else self._relay.counts

    def _is_wanted(self, header: ObjectHeader) -> bool:
        keys = self._keys
        wanted = {
            "StudyInstanceUID": header.study_instance_uid,
            "SeriesInstanceUID": header.series_instance_uid,
            "SOPInstanceUID": header.sop_instance_uid,
        }
        if all(keyword not in keys or keys[keyword].value == uid for keyword, uid in wanted.items()):
            return True
        log.warning("object not passed on", reason="not asked for", sop_instance_uid=header.sop_instance_uid)
        self.not_asked_for += 1
        return False

    def _pass_on(self, header: ObjectHeader, data: mmap.mmap, begins_at: int) -> None:
        kind = ObjectKind(header.sop_class_uid or "", header.transfer_syntax_uid or "")
        passage = Passage.begin(self._opened(kind), kind, header.sop_instance_uid or "")
        for start in range(begins_at, len(data), PIECE):
            passage.write(data[start : start + PIECE])
        passage.finish()

    def _opened(self, kind: ObjectKind) -> Relay:
        if self._relay is None:
            self._relay = self._stack.enter_context(Relay(self._passing_on, kinds=[kind], source=self._source))
        return self._relay
