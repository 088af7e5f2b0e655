"""QIDO-RS: the answers to a search, page by page."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from services.qr.dicomweb.link import WebLink
from services.qr.errors import NodeRefuses, NodeTrouble
from shared.dicomweb.answers import read_answers
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.multipart import media_type
from shared.dicomweb.query import Search, search
from shared.logging import get_logger

ACCEPT = "application/dicom+json"
JSON = frozenset({"application/dicom+json", "application/json"})
PAGE = 100
"""Answers at once; the most that each of the known services gives."""
FEW = 10
"""No service cuts its answers off at less: a shorter page is the last one, unless the service says otherwise."""
MOST_BYTES = 64 << 20
UNIQUE_KEYS = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}

log = get_logger(__name__)


def find(link: WebLink, keys: Dataset) -> Iterator[Dataset | None]:
    """Search and yield the answers as they come; None: one that cannot be decoded.

    An answer that has come on an earlier page is left out: services that know no offset send the same again.

    Raises:
        RemoteError, JobCancelled, Stopping: the answers are not complete; the text says why.
    """
    wanted, unique = search(keys), UNIQUE_KEYS[keys.QueryRetrieveLevel]
    seen: set[str] = set()
    offset = 0
    with link.checked():
        while True:
            page, may_be_more = _page(link, wanted, offset)
            known = len(seen)
            for answer in page:
                uid = None if answer is None else answer.get(unique)
                if not (offset and str(uid) in seen):  # within one page it is for who asked to drop them
                    yield answer
                if uid is not None:
                    seen.add(str(uid))
            if not page or not may_be_more:
                return
            if offset and len(seen) == known:
                if offset == PAGE:
                    raise NodeTrouble(
                        f"{link.peer} gives {PAGE} answers and, asked for those that come after, the same again"
                    )
                return
            offset += len(page)


def _page(link: WebLink, wanted: Search, offset: int) -> tuple[list[Dataset | None], bool]:
    """Return a page of answers, and whether there may be another."""
    url = f"{link.peer.settings.qido_url}/{wanted.path}"
    try:
        return _answers(link, url, wanted, offset)
    except WebError as error:
        if error.trouble is Trouble.REFUSED_REQUEST and (plain := wanted.without_fields()) != wanted:
            log.info("search refused, asked again without fields to return", reason=str(error))
            return _answers(link, url, plain, offset)
        if error.trouble is Trouble.MISSING and wanted.path != "studies":
            return [], False  # what it would be part of is not there
        if error.trouble is Trouble.MISSING:
            raise NodeRefuses(f"{link.peer} has no QIDO-RS there (404): correct the URL of the node") from error
        raise


def _answers(link: WebLink, url: str, wanted: Search, offset: int) -> tuple[list[Dataset | None], bool]:
    with link.open(url, parameters=wanted.page(limit=PAGE, offset=offset), accept=ACCEPT) as answer:
        body = answer.body(most_bytes=MOST_BYTES)
        if body.strip() and media_type(answer.content_type) not in JSON:
            raise NodeRefuses(
                f"{link.peer} does not answer a search in the DICOM JSON Model: correct the URL of the node"
            )
        try:
            found = read_answers(body)
        except ValueError as error:
            raise WebError(Trouble.FAILED, "sends an answer that is no JSON array") from error
        return found, len(found) >= FEW or answer.has_more
