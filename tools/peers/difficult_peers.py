"""DICOM peers that misbehave on purpose, in threads of the test; each is a context manager with a `port`."""

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_ECHO, C_FIND, C_GET, C_MOVE
from pynetdicom.dsutils import decode, encode

from tools.stack.ports import LOOPBACK, free_port

VERIFICATION = UID("1.2.840.10008.1.1")
FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")
GET = UID("1.2.840.10008.5.1.4.1.2.2.3")
IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
PENDING = 0xFF00
SUCCESS = 0x0000
A_ASSOCIATE_AC_BEGUN = bytes((2, 0, 0, 0, 1, 0, 0, 1))  # says 256 bytes, gives 2


class RawPeer:
    """Accepts connections, reads a request from each, sends `answer`, and then what `drip` says once a second."""

    def __init__(self, *, answer: bytes = b"", drip: bytes = b"") -> None:
        self._answer = answer
        self._drip = drip
        self._listener = socket.create_server((LOOPBACK, 0))
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0

    def __enter__(self) -> "RawPeer":
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="raw-peer")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.1)
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            self._spawn(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            connection.recv(65536)
            connection.sendall(self._answer)
            while not self._over.wait(1):
                connection.sendall(self._drip)


class Request:
    """A C-FIND, C-MOVE or C-GET request, and what a script answers to it."""

    def __init__(self, *, association: Association, message: C_FIND | C_MOVE | C_GET, context_id: int) -> None:
        self._association = association
        self._message = message
        self._context_id = context_id
        self.over = threading.Event()
        """Set when the test ends; scripts that wait give up."""

    @property
    def identifier(self) -> Dataset:
        """What is asked for."""
        data = self._message.Identifier or BytesIO()
        data.seek(0)
        return decode(data, is_implicit_vr=True, is_little_endian=True)

    @property
    def cancelled(self) -> bool:
        """Whether a C-CANCEL has come."""
        return self._message.MessageID in self._association.dimse.cancel_req

    @property
    def alive(self) -> bool:
        """Whether somebody is there to answer to."""
        return bool(self._association.is_established) and not self.over.is_set()

    def answer(self, identifier: Dataset | bytes) -> None:
        """Send a pending response to a C-FIND, with a data set or what is none."""
        encoded = identifier if isinstance(identifier, bytes) else encode(identifier, True, True) or b""
        self._send(PENDING, {"Identifier": BytesIO(encoded)})

    def respond(self, status: int, **suboperations: int) -> None:
        """Send a response; `suboperations` as in `completed=3`."""
        self._send(status, {f"NumberOf{name.title()}Suboperations": number for name, number in suboperations.items()})

    def _send(self, status: int, attributes: dict[str, Any]) -> None:
        response = type(self._message)()
        response.MessageIDBeingRespondedTo = self._message.MessageID
        response.AffectedSOPClassUID = self._message.AffectedSOPClassUID
        response.Status = status
        for name, value in attributes.items():
            setattr(response, name, value)
        self._association.dimse.send_msg(response, self._context_id)

    def wait(self, seconds: float) -> None:
        """Stay silent; the end of the test cuts it short."""
        self.over.wait(seconds)

    def abort(self) -> None:
        """Drop the association."""
        self._association.abort(block=False)


Script = Callable[[Request], None]


def silent(request: Request) -> None:
    """Never answer."""
    request.wait(60)


class ScriptedPacs:
    """A query/retrieve SCP whose answers a test writes. Echo works.

    pynetdicom negotiates; its services, which would not misbehave, are left out.
    """

    def __init__(self, *, find: Script = silent, move: Script = silent, ae_title: str = "PACS") -> None:
        self.ae_title = ae_title
        self.port = free_port()
        self.requests: list[str] = []
        self._scripts = {C_FIND: find, C_MOVE: move}
        self._over = threading.Event()
        self._entity = AE(ae_title=ae_title)
        for sop_class in (VERIFICATION, FIND, MOVE):
            self._entity.add_supported_context(sop_class, IMPLICIT_VR_LITTLE_ENDIAN)

    def __enter__(self) -> "ScriptedPacs":
        handlers: list[Any] = [(evt.EVT_ESTABLISHED, self._established)]
        self._server = self._entity.start_server((LOOPBACK, self.port), block=False, evt_handlers=handlers)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._entity.shutdown()

    def _established(self, event: evt.Event) -> None:
        association = event.assoc

        def serve(message: Any, context_id: int) -> None:
            if isinstance(message, C_ECHO):
                response = C_ECHO()
                response.MessageIDBeingRespondedTo = message.MessageID
                response.AffectedSOPClassUID = message.AffectedSOPClassUID
                response.Status = SUCCESS
                association.dimse.send_msg(response, context_id)
                return
            self.requests.append(type(message).__name__)
            request = Request(association=association, message=message, context_id=context_id)
            request.over = self._over
            self._scripts[type(message)](request)

        association._serve_request = serve  # type: ignore[method-assign, assignment]


def finds(*study_instance_uids: str, status: int = SUCCESS) -> Script:
    """Return a script that answers every C-FIND with these studies, and ends with `status`."""

    def script(request: Request) -> None:
        for uid in study_instance_uids:
            answer = Dataset()
            answer.QueryRetrieveLevel = "STUDY"
            answer.add(DataElement("StudyInstanceUID", "UI", uid, validation_mode=IGNORE))
            answer.StudyDate = "20260310"
            request.answer(answer)
        request.respond(status)

    return script


def refuses_over(limit: int, studies: Mapping[date, Sequence[str]]) -> Script:
    """Return a script that sends `limit` of the matching studies, and A700 where there are more."""

    def script(request: Request) -> None:
        first, _, last = str(request.identifier.StudyDate).partition("-")
        uids = [uid for day, uids in studies.items() if first <= f"{day:%Y%m%d}" <= (last or first) for uid in uids]
        finds(*uids[:limit], status=SUCCESS if len(uids) <= limit else 0xA700)(request)

    return script


def ends(status: int, **suboperations: int) -> Script:
    """Return a script that answers at once with a final status."""

    def script(request: Request) -> None:
        request.respond(status, **suboperations)

    return script
