"""The answers of a simulated PACS from its archive, quirks and all: a script each for C-FIND, C-MOVE and C-GET."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.association import Association

from tools.pacs.answers import matches
from tools.pacs.archive import Archive
from tools.pacs.objects import objects
from tools.pacs.quirks import Quirks
from tools.pacs.request import (
    CANCELLED,
    CANNOT_SEND,
    DESTINATION_UNKNOWN,
    OUT_OF_RESOURCES,
    PENDING,
    SUCCESS,
    UIDS_ARE_NONSENSE,
    Request,
)
from tools.pacs.retrieval import Retrieval


class ArchiveScripts:
    """The scripts of one PACS.

    Args:
        archive: its studies.
        quirks: its deviations.
        ae_title: of the PACS; it calls destinations by it.
        destinations: AE titles that it may send to: host and port of each.
        count: called with the name of a counter.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        quirks: Quirks,
        ae_title: str,
        destinations: Mapping[str, tuple[str, int]],
        count: Callable[[str], None],
    ) -> None:
        self._archive, self._quirks = archive, quirks
        self._ae_title = ae_title
        self._destinations = destinations
        self._count = count
        self._lock = threading.Lock()
        self._retrieved: Counter[str] = Counter()

    def find(self, request: Request) -> None:
        """Answer a C-FIND."""
        keys, quirks = request.identifier, self._quirks
        at_study_level = keys.QueryRetrieveLevel == "STUDY"
        limit = quirks.refuses_over if at_study_level else None
        cut_off = quirks.cuts_off_at if at_study_level else None
        for number, answer in enumerate(matches(self._archive, keys, quirks)):
            if not request.alive:
                return
            if request.cancelled:
                request.respond(CANCELLED)
                return
            if limit is not None and number >= limit:
                request.respond(OUT_OF_RESOURCES)
                return
            if cut_off is not None and number >= cut_off:
                break
            request.answer(answer)
        time.sleep(quirks.delay_seconds)
        request.respond(SUCCESS)

    def move(self, request: Request) -> None:
        """Answer a C-MOVE, and send what is wanted to its destination."""
        if request.destination not in self._destinations:
            request.respond(DESTINATION_UNKNOWN)
            return
        wanted = self._wanted(request)
        if wanted is None:
            return
        retrieval = self._retrieval(request, wanted)
        if not retrieval.sends_something:
            retrieval.run(lambda _: None)
            return
        store = self._connect(request.destination, wanted)
        if store is None:
            request.respond(CANNOT_SEND, failed=len(wanted), completed=0)
            return
        try:
            retrieval.run(
                lambda data_set: store.send_c_store(
                    data_set, originator_aet=self._ae_title, originator_id=request.message_id
                ).get("Status")
            )
        finally:
            store.release()

    def get(self, request: Request) -> None:
        """Answer a C-GET, and send what is wanted over the same association."""
        wanted = self._wanted(request)
        if wanted is not None:
            self._retrieval(request, wanted).run(request.store)

    def _wanted(self, request: Request) -> list[Dataset] | None:
        """Return the objects that are asked for; None where the request has been answered."""
        keys = request.identifier
        study = self._archive.by_uid(str(keys.get("StudyInstanceUID", "")))
        if study is None:
            request.respond(UIDS_ARE_NONSENSE)
            return None
        while self._quirks.pending_for_ever and request.alive and not request.cancelled:
            request.respond(PENDING, remaining=9, completed=0)
            request.wait(0.1)
        sop = keys.get("SOPInstanceUID")
        wanted = list(
            objects(
                study,
                series_uid=keys.get("SeriesInstanceUID"),
                sop_instance_uids=None if sop is None else frozenset([str(sop)]),
            )
        )
        for data_set in wanted:
            data_set.file_meta = Dataset()  # type: ignore[assignment]
            data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return wanted

    def _retrieval(self, request: Request, wanted: list[Dataset]) -> Retrieval:
        keys = request.identifier
        what = str(keys.get("SeriesInstanceUID", keys.StudyInstanceUID))
        with self._lock:
            self._retrieved[what] += 1
            number, attempt = self._retrieved.total(), self._retrieved[what]
        return Retrieval(
            request=request,
            wanted=wanted,
            quirks=self._quirks,
            number=number,
            attempt=attempt,
            sent=lambda: self._count("objects sent"),
        )

    def _connect(self, destination: str, wanted: list[Dataset]) -> Association | None:
        entity = AE(ae_title=self._ae_title)
        for sop_class in {data_set.SOPClassUID for data_set in wanted}:
            entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
        host, port = self._destinations[destination]
        association = entity.associate(host, port, ae_title=destination)
        return association if association.is_established else None
