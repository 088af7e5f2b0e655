"""QIDO-RS: the answers to a search, page by page."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from services.qr.dicomweb.link import WebLink
from services.qr.remote.errors import NodeRefuses, NodeTrouble
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.qido import ask
from shared.dicomweb.query import Search, search

PAGE = 100
"""The number of answers per request; all known services allow it."""
FEW = 10
"""A page shorter than this is the last one, unless the service says otherwise: no service has a smaller limit."""
UNIQUE_KEYS = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}


def echo(link: WebLink) -> None:
    """Search for a study that nobody has: who answers that knows us, and has the service.

    Raises:
        RemoteError, JobCancelled, Stopping: as `find`.
    """
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = generate_uid(prefix=None)
    for _ in find(link, keys):
        pass


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
                    words = f"gives {PAGE} answers and, asked for those that come after, the same again"
                    raise NodeTrouble.of(link.peer, words)
                return
            offset += len(page)


def _page(link: WebLink, wanted: Search, offset: int) -> tuple[list[Dataset | None], bool]:
    """Return a page of answers, and whether there may be another."""
    try:
        page, has_more = ask(link, link.peer.settings.qido_url, wanted, limit=PAGE, offset=offset)
    except WebError as error:
        if error.trouble is not Trouble.MISSING:
            raise
        if wanted.path != "studies":
            return [], False  # the study or series does not exist
        raise NodeRefuses.of(link.peer, "has no QIDO-RS there (404): correct the URL of the node") from error
    return page, has_more or len(page) >= FEW
