"""WADO-RS: the objects of a study, a series, or one instance, each passed on to the job's store node as it comes."""

from collections.abc import Callable

from pydicom.dataset import Dataset

from services.qr.dicomweb.link import WebLink
from services.qr.forwarding.files import Forwarding
from services.qr.forwarding.values import PassingOn
from services.qr.remote.archive import Retrieved
from services.qr.remote.errors import NodeTrouble, StudyRefused
from services.qr.remote.status import Counts
from shared.dicomweb.query import resource
from shared.dicomweb.wado import objects, open_objects

PARTIAL_CONTENT = 206


def retrieve(link: WebLink, keys: Dataset, *, passing_on: PassingOn, progress: Callable[[Counts], None]) -> Retrieved:
    """Fetch the objects that an identifier names, and pass them on.

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
        open_objects(link, url) as answer,
        Forwarding(keys=keys, passing_on=passing_on, source=link.watchdog) as forwarding,
    ):
        for path in objects(answer):
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
