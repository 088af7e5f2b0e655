"""A remote node that offers DICOM web services, as the steps of a job use it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydicom.dataset import Dataset

from services.qr.dicomweb.find import echo, find
from services.qr.dicomweb.link import WebLink, linked
from services.qr.dicomweb.retrieve import retrieve
from services.qr.forwarding.values import PassingOn
from services.qr.remote.archive import Limits, Retrieved
from services.qr.remote.peer import WebPeer
from services.qr.remote.status import Counts


class DicomwebArchive:
    """An `Archive` over HTTP. `passing_on`: the store node to which we send retrieved objects."""

    def __init__(self, *, link: WebLink, passing_on: PassingOn) -> None:
        self._link = link
        self._passing_on = passing_on

    def __str__(self) -> str:
        return str(self._link.peer)

    def echo(self) -> None:
        """See `Archive.echo`."""
        echo(self._link)

    def find(self, keys: Dataset) -> Iterator[Dataset | None]:
        """See `Archive.find`."""
        return find(self._link, keys)

    def retrieve(self, keys: Dataset, *, progress: Callable[[Counts], None]) -> Retrieved:
        """See `Archive.retrieve`."""
        return retrieve(self._link, keys, passing_on=self._passing_on, progress=progress)


@contextmanager
def open_dicomweb(
    *,
    peer: WebPeer,
    passing_on: PassingOn,
    limits: Limits,
    cancelled: Callable[[], bool],
    stop: threading.Event,
) -> Iterator[DicomwebArchive]:
    """Be ready to ask a remote node for the block.

    Args:
        peer: the remote node.
        passing_on: how what is retrieved gets to the store node.
        limits: how long the remote node may take.
        cancelled: whether the job has been cancelled.
        stop: set when this process shall end.

    Raises:
        RemoteError, JobCancelled, Stopping: as the requests do.
    """
    with linked(peer=peer, limits=limits, cancelled=cancelled, stop=stop) as link:
        yield DicomwebArchive(link=link, passing_on=passing_on)
