"""The DICOM server of a simulated PACS: pynetdicom negotiates, scripts answer.

Without scripts the answers come from the archive. A script for an operation takes the place of the archive's, so a test
can replace one step and keep the others.
"""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydicom.uid import UID, ExplicitVRLittleEndian
from pynetdicom import AE, _config, evt

from tools.pacs.archive import PLANS, Archive
from tools.pacs.archive_scripts import ArchiveScripts
from tools.pacs.quirks import Quirks
from tools.pacs.request import SUCCESS, Message, Request
from tools.pacs.scripts import Script, ends, silent
from tools.stack.ports import LOOPBACK, free_port

VERIFICATION = UID("1.2.840.10008.1.1")
FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")
GET = UID("1.2.840.10008.5.1.4.1.2.2.3")
IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
NOTHING = Archive(count=0, first_day=date(2026, 1, 1))
NO_DESTINATIONS: Mapping[str, tuple[str, int]] = MappingProxyType({})


class SimulatedPacs:
    """A query/retrieve SCP in threads of this process. A context manager; `port` is there before it listens.

    Args:
        archive: its studies; None: it has none, and without a script it never answers.
        quirks: deviations of the answers from the archive.
        echo: the script for C-ECHO; None: Success.
        find: the script for C-FIND; None: from the archive.
        move: the script for C-MOVE; None: from the archive.
        get: the script for C-GET; None: from the archive. Without both it does not offer C-GET.
        ae_title: its own.
        host: where it listens.
        port: where it listens; 0: any free one.
        destinations: AE titles that it may send to: host and port of each.
        statistics: a file to which the counts of requests are written after each, as JSON.
        tls: its side of TLS; None: it speaks without.
    """

    def __init__(
        self,
        *,
        archive: Archive | None = None,
        quirks: Quirks | None = None,
        echo: Script | None = None,
        find: Script | None = None,
        move: Script | None = None,
        get: Script | None = None,
        ae_title: str = "SIMPACS",
        host: str = LOOPBACK,
        port: int = 0,
        destinations: Mapping[str, tuple[str, int]] = NO_DESTINATIONS,
        statistics: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        _config.LOG_HANDLER_LEVEL = "none"
        self.ae_title = ae_title
        self.port = port or free_port()
        self.archive = archive or NOTHING
        self.requests: list[str] = []
        """The requested operations in their order, without C-ECHO: `C_FIND`, `C_MOVE`, `C_GET`."""
        self.counts: Counter[str] = Counter()
        """The numbers of requests by kind and level, of objects sent, and the most associations at once."""
        self._host = host
        self._statistics = statistics
        self._tls = tls
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._open: set[Any] = set()
        self._sockets: dict[Any, Any] = {}
        self._scripts: dict[str, Script] = {"C_ECHO": ends(SUCCESS), "C_FIND": silent, "C_MOVE": silent}
        if archive is not None:
            of_archive = ArchiveScripts(
                archive=archive,
                quirks=quirks or Quirks(),
                ae_title=ae_title,
                destinations=destinations,
                count=self._count,
            )
            self._scripts |= {"C_FIND": of_archive.find, "C_MOVE": of_archive.move, "C_GET": of_archive.get}
        given = {"C_ECHO": echo, "C_FIND": find, "C_MOVE": move, "C_GET": get}
        self._scripts |= {operation: script for operation, script in given.items() if script is not None}
        self._entity = _entity(ae_title, offers_get="C_GET" in self._scripts)

    def __enter__(self) -> "SimulatedPacs":
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, self._connected),
            (evt.EVT_ESTABLISHED, self._established),
            (evt.EVT_CONN_CLOSE, self._closed),
        ]
        self._entity.start_server((self._host, self.port), block=False, evt_handlers=handlers, ssl_context=self._tls)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._entity.shutdown()
        for sock in self._sockets.values():
            sock.close()

    def _connected(self, event: evt.Event) -> None:
        """Keep the socket: pynetdicom does not close one whose peer has reset the connection."""
        transport = event.assoc.dul.socket
        if transport is not None and transport.socket is not None:
            self._sockets[event.assoc] = transport.socket

    def _established(self, event: evt.Event) -> None:
        association = event.assoc
        with self._lock:
            self._open.add(association)
            self.counts["associations at once"] = max(self.counts["associations at once"], len(self._open))

        def serve(message: Message, context_id: int) -> None:
            self._serve(Request(association=association, message=message, context_id=context_id, over=self._over))

        association._serve_request = serve  # type: ignore[method-assign, assignment]

    def _closed(self, event: evt.Event) -> None:
        with self._lock:
            self._open.discard(event.assoc)
        sock = self._sockets.pop(event.assoc, None)
        if sock is not None:
            sock.close()

    def _serve(self, request: Request) -> None:
        if request.operation != "C_ECHO":
            self.requests.append(request.operation)
            self._count(f"{request.operation} {request.identifier.get('QueryRetrieveLevel', '')}")
        self._scripts[request.operation](request)

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1
            if self._statistics is not None:
                self._statistics.write_text(json.dumps(self.counts))


def _entity(ae_title: str, *, offers_get: bool) -> AE:
    entity = AE(ae_title=ae_title)
    entity.maximum_associations = 100
    for sop_class in (VERIFICATION, FIND, MOVE, GET) if offers_get else (VERIFICATION, FIND, MOVE):
        entity.add_supported_context(sop_class, IMPLICIT_VR_LITTLE_ENDIAN)
    if offers_get:
        for uid in sorted({uid for plan in PLANS.values() for one in plan.series for uid in one.sop_classes}):
            entity.add_supported_context(uid, ExplicitVRLittleEndian, scu_role=True, scp_role=True)
    return entity
