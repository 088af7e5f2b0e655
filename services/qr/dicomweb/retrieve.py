"""WADO-RS: the objects of a study, a series, or one instance, each passed on to the job's store node as it comes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from services.qr.archive import Retrieved
from services.qr.dicomweb.forwarding import Forwarding
from services.qr.dicomweb.link import WebLink
from services.qr.errors import NodeTrouble, StudyRefused
from services.qr.relay import PassingOn
from services.qr.status import Counts
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.http import Answer
from shared.dicomweb.multipart import MultipartError, boundary_of, media_type, parts
from shared.dicomweb.query import resource
from shared.logging import get_logger

ANY_TRANSFER_SYNTAX = 'multipart/related; type="application/dicom"; transfer-syntax=*'
DEFAULT_TRANSFER_SYNTAX = 'multipart/related; type="application/dicom"'
MULTIPART = "multipart/related"
NO_CONTENT, PARTIAL_CONTENT = 204, 206
LARGEST_OBJECT = 4 << 30

log = get_logger(__name__)


def retrieve(link: WebLink, keys: Dataset, *, passing_on: PassingOn, progress: Callable[[Counts], None]) -> Retrieved:
    """Fetch what an identifier names, and pass it on.

    Args:
        link: the node.
        keys: an identifier as that of a C-MOVE.
        passing_on: the store node.
        progress: called with the counts, after each object.

    Raises:
        RemoteError, JobCancelled, Stopping: not everything was passed on; what was, stays.
    """
    url = f"{link.peer.settings.wado_url}/{resource(keys)}"
    with (
        link.checked(),
        _open(link, url) as answer,
        Forwarding(keys=keys, passing_on=passing_on, source=link.watchdog) as forwarding,
    ):
        for path in _objects(answer):
            forwarding.take(path)
            link.touch()
            progress(forwarding.counts)
    progress(forwarding.counts)
    failure = forwarding.failure(peer=link.peer)
    if failure is not None:
        raise failure
    arrived = forwarding.counts.arrived or 0
    if answer.status == PARTIAL_CONTENT:
        raise NodeTrouble(f"{link.peer} has sent {arrived} objects, and says that these are not all (206)")
    if not arrived:
        raise StudyRefused(f"{link.peer} reports success, but has sent no object")
    return Retrieved(f"{arrived} object{'s' if arrived != 1 else ''} sent")


def _open(link: WebLink, url: str) -> Answer:
    """Ask for objects as they are stored; where the node cannot do that, in the transfer syntax of its choice."""
    try:
        return link.open(url, accept=ANY_TRANSFER_SYNTAX)
    except WebError as error:
        if error.trouble not in {Trouble.NOT_ACCEPTABLE, Trouble.REFUSED_REQUEST}:
            raise
        log.info("transfer-syntax=* refused, asked again without", reason=str(error))
        return link.open(url, accept=DEFAULT_TRANSFER_SYNTAX)


def _objects(answer: Answer) -> Iterator[Path]:
    """Yield the objects of an answer, each in a file that lasts until the next one is asked for."""
    if answer.status == NO_CONTENT:
        return
    if media_type(answer.content_type) != MULTIPART:
        raise WebError(Trouble.FAILED, f"does not send its objects as {MULTIPART}")
    try:
        boundary = boundary_of(answer.content_type)
        yield from parts(answer.pieces(), boundary=boundary, folder=None, most_bytes=LARGEST_OBJECT)
    except MultipartError as error:
        raise WebError(Trouble.FAILED, f"sends an answer that {error}") from error
