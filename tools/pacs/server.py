"""The DICOM side of a simulated PACS: it negotiates with pynetdicom, and answers by itself, quirks and all."""

import json
import ssl
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
from pynetdicom.dimse_primitives import C_ECHO, C_FIND, C_GET, C_MOVE

from tools.pacs.answers import matches
from tools.pacs.archive import PLANS, Archive
from tools.pacs.objects import objects
from tools.pacs.quirks import Quirks
from tools.pacs.retrieval import CANCELLED, Retrieval
from tools.peers.difficult_peers import (
    FIND,
    GET,
    IMPLICIT_VR_LITTLE_ENDIAN,
    MOVE,
    PENDING,
    SUCCESS,
    VERIFICATION,
    Request,
)

OUT_OF_RESOURCES = 0xA700
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
        tls: its side of TLS; None: it speaks without.
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
        tls: ssl.SSLContext | None = None,
    ) -> None:
        _config.LOG_HANDLER_LEVEL = "none"
        self.archive, self._quirks = archive, quirks
        self._destinations = destinations
        self._statistics = statistics
        self._tls = tls
        self._host, self.port = host, port
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._retrieved: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        """How many requests of which kind and level, associations at once at most, objects sent."""
        self._open: set[Association] = set()
        self._entity = AE(ae_title=ae_title)
        self._entity.maximum_associations = 100
        for sop_class in (VERIFICATION, FIND, MOVE, GET):
            self._entity.add_supported_context(sop_class, IMPLICIT_VR_LITTLE_ENDIAN)
        for uid in sorted({uid for plan in PLANS.values() for one in plan.series for uid in one.sop_classes}):
            self._entity.add_supported_context(uid, ExplicitVRLittleEndian, scu_role=True, scp_role=True)

    def __enter__(self) -> "SimulatedPacs":
        handlers: list[Any] = [(evt.EVT_ESTABLISHED, self._established), (evt.EVT_CONN_CLOSE, self._closed)]
        server = self._entity.start_server(
            (self._host, self.port), block=False, evt_handlers=handlers, ssl_context=self._tls
        )
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
        elif isinstance(message, C_GET):
            self._get(request, keys, association)

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
        if destination not in self._destinations:
            request.respond(DESTINATION_UNKNOWN)
            return
        wanted = self._wanted(request, keys)
        if wanted is None:
            return
        retrieval = self._retrieval(request, keys, wanted)
        if not retrieval.sends_something:
            retrieval.run(lambda _: None)
            return
        store = self._connect(destination, wanted)
        if store is None:
            request.respond(CANNOT_SEND, failed=len(wanted), completed=0)
            return
        try:
            retrieval.run(
                lambda data_set: store.send_c_store(
                    data_set, originator_aet=self._entity.ae_title, originator_id=message_id
                ).get("Status")
            )
        finally:
            store.release()

    def _get(self, request: Request, keys: Dataset, association: Association) -> None:
        wanted = self._wanted(request, keys)
        if wanted is None:
            return

        def send(data_set: Dataset) -> int | None:
            try:
                status: int | None = association.send_c_store(data_set).get("Status")
            except (ValueError, RuntimeError):  # not agreed on, or gone
                return None
            return status

        association._is_paused = True  # as pynetdicom's own services do, which are left out here
        try:
            self._retrieval(request, keys, wanted).run(send)
        finally:
            association._is_paused = False

    def _wanted(self, request: Request, keys: Dataset) -> list[Dataset] | None:
        """Return the objects that are asked for; None where the request has been answered."""
        study = self.archive.by_uid(str(keys.get("StudyInstanceUID", "")))
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

    def _retrieval(self, request: Request, keys: Dataset, wanted: list[Dataset]) -> Retrieval:
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
        entity = AE(ae_title=self._entity.ae_title)
        for sop_class in {data_set.SOPClassUID for data_set in wanted}:
            entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
        host, port = self._destinations[destination]
        association = entity.associate(host, port, ae_title=destination)
        return association if association.is_established else None

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1
            if self._statistics is not None:
                self._statistics.write_text(json.dumps(self.counts))
