"""WADO-RS (PS3.18 section 10.4): the objects of a study, a series, or one instance."""

from collections.abc import Iterator
from pathlib import Path

from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.http import Answer, Opener
from shared.dicomweb.multipart import MultipartError, boundary_of, media_type, parts
from shared.logging import get_logger

MULTIPART = "multipart/related"
DEFAULT_TRANSFER_SYNTAX = f'{MULTIPART}; type="application/dicom"'
ANY_TRANSFER_SYNTAX = f"{DEFAULT_TRANSFER_SYNTAX}; transfer-syntax=*"
NO_CONTENT = 204
LARGEST_OBJECT = 4 << 30

log = get_logger(__name__)


def open_objects(service: Opener, url: str) -> Answer:
    """Ask for objects as they are stored; where the service cannot do that, in the transfer syntax of its choice.

    Raises:
        WebError: it does not give them.
    """
    try:
        return service.open(url, accept=ANY_TRANSFER_SYNTAX)
    except WebError as error:
        if error.trouble not in {Trouble.NOT_ACCEPTABLE, Trouble.REFUSED_REQUEST}:
            raise
        log.info("transfer-syntax=* refused, asked again without", reason=str(error))
        return service.open(url, accept=DEFAULT_TRANSFER_SYNTAX)


def objects(answer: Answer) -> Iterator[Path]:
    """Yield the objects of an answer, each in a file that lasts until the next one is asked for.

    Raises:
        WebError: the answer is not what it should be, or not complete.
    """
    if answer.status == NO_CONTENT:
        return
    if media_type(answer.content_type) != MULTIPART:
        raise WebError(Trouble.FAILED, f"does not send its objects as {MULTIPART}")
    try:
        boundary = boundary_of(answer.content_type)
        yield from parts(answer.pieces(), boundary=boundary, folder=None, most_bytes=LARGEST_OBJECT)
    except MultipartError as error:
        raise WebError(Trouble.FAILED, f"sends an answer that {error}") from error
