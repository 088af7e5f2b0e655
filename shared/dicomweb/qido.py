"""QIDO-RS (PS3.18 section 10.6): one page of the answers to a search."""

from pydicom.dataset import Dataset

from shared.dicomweb.answers import read_answers
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.http import Answer, Opener
from shared.dicomweb.multipart import media_type
from shared.dicomweb.query import Search
from shared.logging import get_logger

ACCEPT = "application/dicom+json"
JSON = frozenset({ACCEPT, "application/json"})
MOST_BYTES = 64 << 20

log = get_logger(__name__)


def ask(service: Opener, url: str, wanted: Search, *, limit: int, offset: int = 0) -> tuple[list[Dataset | None], bool]:
    """Return a page of answers, None for one that cannot be decoded, and whether the service says that there are more.

    Args:
        service: that is queried.
        url: the base URL, before `/studies`.
        wanted: the search.
        limit: the most answers.
        offset: the number of answers to skip.

    Raises:
        WebError: the service does not answer it.
    """
    try:
        return _ask(service, url, wanted, limit, offset)
    except WebError as error:
        plain = wanted.without_fields()
        if error.trouble is not Trouble.REFUSED_REQUEST or plain == wanted:
            raise
        log.info("search refused, asked again without fields to return", reason=str(error))
        return _ask(service, url, plain, limit, offset)


def _ask(service: Opener, url: str, wanted: Search, limit: int, offset: int) -> tuple[list[Dataset | None], bool]:
    parameters = wanted.page(limit=limit, offset=offset)
    with service.open(f"{url}/{wanted.path}", parameters=parameters, accept=ACCEPT) as answer:
        return _read(answer), answer.has_more


def _read(answer: Answer) -> list[Dataset | None]:
    body = answer.body(most_bytes=MOST_BYTES)
    if body.strip() and media_type(answer.content_type) not in JSON:
        text = "does not answer a search in the DICOM JSON Model: correct the URL of the node"
        raise WebError(Trouble.REFUSED_US, text)
    try:
        return read_answers(body)
    except ValueError as error:
        raise WebError(Trouble.FAILED, f"sends an answer that {error}") from error
