"""The DICOM web services of a simulated PACS: QIDO-RS and WADO-RS over the same studies, with faults on demand."""

import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tools.pacs.answers import matches
from tools.pacs.archive import Archive
from tools.pacs.objects import objects
from tools.pacs.quirks import Quirks

BASE = "/dicom-web"
BOUNDARY = "b0undary-of-a-simulated-pacs"
LEVELS = {1: "STUDY", 3: "SERIES", 5: "IMAGE"}


class WebFaults(BaseModel):
    """The deviations of the web services; without arguments there are none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str | None = None
    """The user that a request has to name, with a password (Basic)."""
    password: str = ""
    token: str | None = None
    """The token that a request has to show (Bearer)."""
    answers_first: tuple[int, ...] = ()
    """The statuses of the first requests."""
    retry_after: str | None = None
    """The Retry-After of each status that is no success."""
    location: str | None = None
    """Goes with each redirect."""
    ignores_limit: bool = False
    ignores_offset: bool = False
    most_answers: int | None = None
    """The most answers at once, for any limit in the request."""
    refuses_fields: bool = False
    """Answers 400 where includefield is there."""
    refuses_any_transfer_syntax: bool = False
    """Answers 406 to transfer-syntax=*."""
    hangs: bool = False
    """Answers nothing."""
    trickles: bool = False
    """Sends a byte now and then."""
    truncated: int = 0
    """The first so many retrievals end in the middle of their last object."""
    partial: bool = False
    """Leaves the last object out, and says so (206)."""
    another_object: bool = False
    """Sends an object of another study in addition."""
    html: bool = False
    """Answers everything with a page for people."""


class SimulatedWebPacs:
    """Listens on loopback. A context manager; `port` and `counts` afterwards.

    Args:
        archive: what is in it.
        quirks: deviations of its answers, as those of a `SimulatedPacs`.
        faults: deviations of its services.
        tls: with it https.
    """

    ae_title = "SIMPACS"

    def __init__(
        self,
        *,
        archive: Archive,
        quirks: Quirks | None = None,
        faults: WebFaults | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.archive, self.quirks, self.faults = archive, quirks or Quirks(), faults or WebFaults()
        self._tls = tls
        self._lock = threading.Lock()
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()
        """The numbers of requests by level, and of retrievals."""

    def count(self, what: str) -> int:
        """Count something, and return how often it has been there."""
        with self._lock:
            self.counts[what] += 1
            return self.counts[what]

    @property
    def url(self) -> str:
        """Its base URL."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}{BASE}"

    def __enter__(self) -> "SimulatedWebPacs":
        handler = type("Handler", (_Handler,), {"pacs": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pacs: SimulatedWebPacs

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a request."""
        faults = self.pacs.faults
        number = self.pacs.count("requests")
        if number <= len(faults.answers_first):
            self._fail(faults.answers_first[number - 1])
        elif not self._is_allowed():
            self._fail(401)
        elif faults.hangs:
            self.pacs.over.wait(30)
        elif faults.html:
            self._send(200, "text/html", b"<html>Welcome</html>")
        else:
            self._answer()

    def _is_allowed(self) -> bool:
        faults, shown = self.pacs.faults, self.headers.get("Authorization")
        if faults.token is not None:
            return shown == f"Bearer {faults.token}"
        if faults.user is not None:
            return shown == "Basic " + base64.b64encode(f"{faults.user}:{faults.password}".encode()).decode()
        return True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        steps = parts.path.removeprefix(BASE).strip("/").split("/")
        if not parts.path.startswith(BASE + "/studies"):
            self._fail(404)
        elif "dicom+json" in self.headers.get("Accept", ""):
            self._search(steps, dict(parse_qsl(parts.query)))
        else:
            self._retrieve(*steps[1::2])

    def _search(self, steps: list[str], parameters: dict[str, str]) -> None:
        faults, level = self.pacs.faults, LEVELS[len(steps)]
        self.pacs.count(f"QIDO {level}")
        if faults.refuses_fields and "includefield" in parameters:
            self._fail(400)
            return
        keys = Dataset()
        keys.QueryRetrieveLevel = level
        keys.StudyInstanceUID = keys.StudyDate = keys.StudyTime = keys.ModalitiesInStudy = ""
        for keyword, uid in zip(("StudyInstanceUID", "SeriesInstanceUID"), steps[1::2], strict=False):
            setattr(keys, keyword, uid)
        for keyword, value in parameters.items():
            if keyword not in {"limit", "offset", "includefield"}:
                setattr(keys, keyword, value)
        if level != "STUDY" and self.pacs.archive.by_uid(keys.StudyInstanceUID) is None:
            self._fail(404)
            return
        found = list(matches(self.pacs.archive, keys, self.pacs.quirks))
        limit = len(found) if faults.ignores_limit else int(parameters.get("limit", len(found)))
        limit = min(limit, faults.most_answers or limit)
        offset = 0 if faults.ignores_offset else int(parameters.get("offset", 0))
        page = [answer.to_json_dict() for answer in found[offset : offset + limit]]
        self._send(200 if page else 204, "application/dicom+json", json.dumps(page).encode() if page else b"")

    def _retrieve(self, study_uid: str, series_uid: str | None = None, sop_instance_uid: str | None = None) -> None:
        faults, number = self.pacs.faults, self.pacs.count("WADO")
        study = self.pacs.archive.by_uid(study_uid)
        if faults.refuses_any_transfer_syntax and "transfer-syntax=*" in self.headers.get("Accept", ""):
            self._fail(406)
            return
        wanted = None if sop_instance_uid is None else frozenset([sop_instance_uid])
        found = [] if study is None else list(objects(study, series_uid=series_uid, sop_instance_uids=wanted))
        if not found:
            self._fail(404)
            return
        if faults.partial:
            found.pop()
        if faults.another_object:
            found += objects(self.pacs.archive.study(self.pacs.archive.count - 1))
        self.send_response(206 if faults.partial else 200)
        self.send_header("Content-Type", f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"')
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        truncated = number <= faults.truncated
        for piece in _multipart(found, truncated=truncated):
            self.pacs.count("pieces")
            self._chunk(piece)
        self._chunk(b"")

    def _chunk(self, piece: bytes) -> None:
        self._write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(body)

    def _write(self, content: bytes) -> None:
        while self.pacs.faults.trickles and content and not self.pacs.over.is_set():
            self.wfile.write(content[:1])
            content = content[1:]
            time.sleep(0.2)
        self.wfile.write(content)

    def _fail(self, status: int) -> None:
        faults = self.pacs.faults
        self.send_response(status, "a phrase of its own: Doe^John")
        if faults.retry_after is not None:
            self.send_header("Retry-After", faults.retry_after)
        if faults.location is not None:
            self.send_header("Location", faults.location)
        self.send_header("Content-Length", "8")
        self.end_headers()
        self.wfile.write(b"Doe^John")


def _multipart(found: list[Dataset], *, truncated: bool) -> Iterator[bytes]:
    for number, data_set in enumerate(found, 1):
        content = as_file(data_set)
        yield f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        if truncated and number == len(found):
            yield content[: len(content) // 2]
            return
        yield content + b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def as_file(data_set: Dataset) -> bytes:
    """Return an object as the bytes of a DICOM file."""
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = BytesIO()
    dcmwrite(file, data_set, enforce_file_format=True)
    return file.getvalue()
