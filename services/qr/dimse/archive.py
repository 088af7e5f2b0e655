"""A remote node that speaks DICOM's DIMSE services: the usual one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydicom.dataset import Dataset

from services.qr.archive import Limits, Retrieved
from services.qr.dimse.association import Link, Peer, associate
from services.qr.dimse.find import FIND, VERIFICATION, echo, find
from services.qr.dimse.move import MOVE, move
from services.qr.status import Counts, judge_move
from shared.dicom.destination import Destination

SOP_CLASSES = (VERIFICATION, FIND, MOVE)


class DimseArchive:
    """An `Archive` over one association. `destination`: where the node shall send what is retrieved."""

    def __init__(self, *, link: Link, destination: Destination) -> None:
        self._link = link
        self._destination = destination

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
        status, counts, counted = 0, Counts(), True
        for response in move(self._link, keys, destination=self._destination.ae_title):
            status, counts, counted = response.status, response.counts, response.counted
            progress(counts)
        said = judge_move(status, counts, peer=str(self), destination=self._destination)
        return Retrieved(said, note=None if counted else "its final response to C-MOVE has no counts")


@contextmanager
def open_dimse(
    *,
    peer: Peer,
    destination: Destination,
    limits: Limits,
    cancelled: Callable[[], bool],
    stop: threading.Event,
) -> Iterator[DimseArchive]:
    """Open an association for the block.

    Raises:
        RemoteError, JobCancelled, Stopping: as `associate`.
    """
    with associate(peer=peer, sop_classes=SOP_CLASSES, limits=limits, cancelled=cancelled, stop=stop) as link:
        yield DimseArchive(link=link, destination=destination)
