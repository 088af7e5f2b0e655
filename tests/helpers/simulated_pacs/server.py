"""The DICOM side of a simulated PACS: it negotiates with pynetdicom, and answers by itself, quirks and all."""

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_ECHO, C_FIND, C_MOVE

from tests.helpers.difficult_peers import FIND, IMPLICIT_VR_LITTLE_ENDIAN, MOVE, PENDING, SUCCESS, VERIFICATION, Request
from tests.helpers.simulated_pacs.answers import matches
from tests.helpers.simulated_pacs.archive import Archive
from tests.helpers.simulated_pacs.objects import objects
from tests.helpers.simulated_pacs.quirks import Quirks

OUT_OF_RESOURCES = 0xA700
CANCELLED = 0xFE00
SOME_FAILED = 0xB000
DESTINATION_UNKNOWN = 0xA801
CANNOT_SEND = 0xA702
UIDS_ARE_NONSENSE = 0xA900


class SimulatedPacs:
    """A query/retrieve SCP on loopback. A context manager.

    Args:
        archive: what is in it.
        quirks: how it deviates.
        ae_title: its own.
        host: where it listens.
        port: where it listens; 0: any free one, see `port` after the start.
        destinations: AE titles that it may send to: host and port of each.
        statistics: a file to which the counts of requests are written after each, as JSON.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        quirks: Quirks,
        ae_title: str = "SIMPACS",
        host: str = "127.0.0.1",
        port: int = 0,
        destinations: Mapping[str, tuple[str, int]],
        statistics: Path | None = None,
    ) -> None:
        _config.LOG_HANDLER_LEVEL = "none"
        self.archive, self._quirks = archive, quirks
        self._destinations = destinations
        self._statistics = statistics
        self._host, self.port = host, port
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._moved: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        """How many requests of which kind and level, associations at once at most, objects sent."""
        self._open: set[Association] = set()
        self._entity = AE(ae_title=ae_title)
        self._entity.maximum_associations = 100
        for sop_class in (VERIFICATION, FIND, MOVE):
            self._entity.add_supported_context(sop_class, IMPLICIT_VR_LITTLE_ENDIAN)

    def __enter__(self) -> "SimulatedPacs":
        handlers: list[Any] = [(evt.EVT_ESTABLISHED, self._established), (evt.EVT_CONN_CLOSE, self._closed)]
        server = self._entity.start_server((self._host, self.port), block=False, evt_handlers=handlers)
        if server is None or server.socket is None:
            raise OSError("it does not listen")
        self.port = server.socket.getsockname()[1]
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._entity.shutdown()

    def _established(self, event: evt.Event) -> None:
        association = event.assoc
        with self._lock:
            self._open.add(association)
            self.counts["associations at once"] = max(self.counts["associations at once"], len(self._open))

        def serve(message: Any, context_id: int) -> None:
            self._serve(association, message, context_id)

        association._serve_request = serve  # type: ignore[method-assign, assignment]

    def _closed(self, event: evt.Event) -> None:
        with self._lock:
            self._open.discard(event.assoc)

    def _serve(self, association: Association, message: Any, context_id: int) -> None:
        if isinstance(message, C_ECHO):
            response = C_ECHO()
            response.MessageIDBeingRespondedTo = message.MessageID
            response.AffectedSOPClassUID = message.AffectedSOPClassUID
            response.Status = SUCCESS
            association.dimse.send_msg(response, context_id)
            return
        request = Request(association=association, message=message, context_id=context_id)
        request.over = self._over
        keys = request.identifier
        self._count(f"{type(message).__name__} {keys.QueryRetrieveLevel}")
        if isinstance(message, C_FIND):
            self._find(request, keys)
        elif isinstance(message, C_MOVE):
            self._move(
                request, keys, destination=str(message.MoveDestination).strip(), message_id=message.MessageID or 0
            )

    def _find(self, request: Request, keys: Dataset) -> None:
        quirks = self._quirks
        at_study_level = keys.QueryRetrieveLevel == "STUDY"
        limit = quirks.refuses_over if at_study_level else None
        cut_off = quirks.cuts_off_at if at_study_level else None
        for number, answer in enumerate(matches(self.archive, keys, quirks)):
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

    def _move(self, request: Request, keys: Dataset, *, destination: str, message_id: int) -> None:
        quirks = self._quirks
        study = self.archive.by_uid(str(keys.get("StudyInstanceUID", "")))
        if destination not in self._destinations:
            request.respond(DESTINATION_UNKNOWN)
            return
        if study is None:
            request.respond(UIDS_ARE_NONSENSE)
            return
        while quirks.pending_for_ever and request.alive and not request.cancelled:
            request.respond(PENDING, remaining=9, completed=0)
            request.wait(0.1)
        with self._lock:
            self._moved[str(keys.get("SeriesInstanceUID", keys.StudyInstanceUID))] += 1
            moves = self._moved.total()
            attempt = self._moved[str(keys.get("SeriesInstanceUID", keys.StudyInstanceUID))]
        sop = keys.get("SOPInstanceUID")
        wanted = list(
            objects(
                study,
                series_uid=keys.get("SeriesInstanceUID"),
                sop_instance_uids=None if sop is None else frozenset([str(sop)]),
            )
        )
        failing = min(quirks.some_fail, len(wanted)) if attempt == 1 else 0
        sent = 0
        if wanted[failing:]:
            store = self._connect(destination, wanted)
            if store is None:
                request.respond(CANNOT_SEND, failed=len(wanted), completed=0)
                return
            try:
                for data_set in wanted[failing:]:
                    if request.cancelled:
                        request.respond(CANCELLED, remaining=len(wanted) - sent, completed=sent)
                        return
                    if moves <= quirks.drops_in_move and sent >= len(wanted) // 2:
                        request.abort()
                        return
                    store.send_c_store(data_set, originator_aet=self._entity.ae_title, originator_id=message_id)
                    sent += 1
                    self._count("objects sent")
                    time.sleep(quirks.delay_seconds)
                    request.respond(PENDING, remaining=len(wanted) - sent, completed=sent, failed=0, warning=0)
            finally:
                store.release()
        if quirks.no_final_counters:
            request.respond(SUCCESS)
        else:
            status = SOME_FAILED if failing else SUCCESS
            request.respond(status, completed=sent, failed=failing, warning=0)

    def _connect(self, destination: str, wanted: list[Dataset]) -> Association | None:
        entity = AE(ae_title=self._entity.ae_title)
        for sop_class in {data_set.SOPClassUID for data_set in wanted}:
            entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
        for data_set in wanted:
            data_set.file_meta = Dataset()  # type: ignore[assignment]
            data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        host, port = self._destinations[destination]
        association = entity.associate(host, port, ae_title=destination)
        return association if association.is_established else None

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1
            if self._statistics is not None:
                self._statistics.write_text(json.dumps(self.counts))
