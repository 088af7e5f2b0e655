"""A remote node that speaks DICOM's DIMSE services (the usual case), as the steps of a job use it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pydicom.dataset import Dataset

from services.qr.dimse.find import FIND, find
from services.qr.dimse.get import GET, get, kinds_of
from services.qr.dimse.move import MOVE, move
from services.qr.dimse.storage_contexts import SOP_CLASSES as STORAGE
from services.qr.dimse.storage_contexts import storage_contexts
from services.qr.forwarding.relay import Relay
from services.qr.forwarding.values import PassingOn
from services.qr.remote.archive import Limits, Retrieved
from services.qr.remote.association import Link, associate
from services.qr.remote.echo import VERIFICATION, echo
from services.qr.remote.peer import Peer
from services.qr.remote.status import Counts, judge_get, judge_move
from shared.dicom.destination import Destination

BY_MOVE = (VERIFICATION, FIND, MOVE)
BY_GET = (VERIFICATION, FIND, GET)
SOP_CLASSES = (*BY_MOVE, GET)
"""All SOP classes that we use with a remote node."""

LARGEST_PDU = 1 << 20
"""In bytes, for nodes without a limit in their settings: with C-GET, no object shall be in memory as a whole."""


class DimseArchive:
    """An `Archive` over one association.

    Args:
        link: the association.
        destination: where what is retrieved shall go.
        passing_on: for C-GET: our connection to the store node; None: the node sends objects itself, by C-MOVE.
    """

    def __init__(self, *, link: Link, destination: Destination, passing_on: PassingOn | None = None) -> None:
        self._link = link
        self._destination = destination
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
        if self._passing_on is None:
            return self._move(keys, progress)
        return self._get(keys, progress, self._passing_on)

    def _move(self, keys: Dataset, progress: Callable[[Counts], None]) -> Retrieved:
        status, counts, counted = 0, Counts(), True
        for response in move(self._link, keys, destination=self._destination.ae_title):
            status, counts, counted = response.status, response.counts, response.counted
            progress(counts)
        said = judge_move(status, counts, peer=str(self), destination=self._destination)
        return Retrieved(said, note=None if counted else "its final response to C-MOVE has no counts")

    def _get(self, keys: Dataset, progress: Callable[[Counts], None], passing_on: PassingOn) -> Retrieved:
        status, counts, counted = 0, Counts(), True
        with Relay(passing_on, kinds=kinds_of(self._link).values(), source=self._link.watchdog) as relay:
            for response in get(self._link, keys, relay=relay):
                status, counts, counted = response.status, response.counts, response.counted
                progress(counts)
        said = judge_get(
            status,
            counts,
            peer=str(self),
            destination=self._destination,
            refused=relay.counts.refused,
            may_pass=relay.counts.may_pass,
        )
        return Retrieved(said, note=None if counted else "its final response to C-GET has no counts")


@contextmanager
def open_dimse(
    *,
    peer: Peer,
    destination: Destination,
    limits: Limits,
    cancelled: Callable[[], bool],
    stop: threading.Event,
    passing_on: PassingOn | None = None,
) -> Iterator[DimseArchive]:
    """Open an association for the block.

    Args:
        peer: the remote node.
        destination: where what is retrieved shall go.
        limits: how long the remote node may take.
        cancelled: whether the job has been cancelled.
        stop: set when this process shall end.
        passing_on: how what is retrieved gets there from us, by C-GET; None: by C-MOVE.

    Raises:
        RemoteError, JobCancelled, Stopping: as `associate`.
    """
    if passing_on is None:
        opening = associate(peer=peer, sop_classes=BY_MOVE, limits=limits, cancelled=cancelled, stop=stop)
    else:
        opening = associate(
            peer=replace(peer, max_pdu_bytes=min(peer.max_pdu_bytes or LARGEST_PDU, LARGEST_PDU)),
            sop_classes=BY_GET,
            contexts=storage_contexts(),
            scp_of=STORAGE,
            limits=limits,
            cancelled=cancelled,
            stop=stop,
        )
    with opening as link:
        yield DimseArchive(link=link, destination=destination, passing_on=passing_on)
