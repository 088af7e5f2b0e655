"""An archive over DICOM web services for tests: what a job opens, without a job."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from services.qr.dicomweb.archive import DicomwebArchive, open_dicomweb
from services.qr.forwarding.values import PassingOn
from services.qr.remote.archive import Limits
from services.qr.remote.peer import Peer, WebPeer
from shared.dicomweb.settings import DicomwebCredentials, DicomwebSettings
from shared.tls.client import ClientTls, ServerIdentity

LIMITS = Limits(connect=5, acse=5, idle=10, total=30)
NOWHERE = 9
"""The port of a store node that nobody needs: discard."""


@contextmanager
def web_archive(
    url: str,
    *,
    credentials: DicomwebCredentials | None = None,
    store_port: int = NOWHERE,
    limits: Limits = LIMITS,
    cancelled: Callable[[], bool] = lambda: False,
    stop: threading.Event | None = None,
    tls: ClientTls | None = None,
) -> Iterator[DicomwebArchive]:
    """Be ready to ask the services at a URL; what is retrieved goes to `store_port` on loopback."""
    stop = stop or threading.Event()
    settings = DicomwebSettings(url=url)
    tls = tls or ClientTls(certificate=None, authorities=None, alpn=None)
    peer = WebPeer(
        name="Archive",
        settings=settings,
        credentials=credentials,
        handshake=partial(tls.handshake, ServerIdentity(settings.host)) if settings.wants_tls else None,
    )
    to = Peer(name="store node", address="127.0.0.1", port=store_port, ae_title="DOSEWIRE", calling_ae_title="SIMPACS")
    passing_on = PassingOn(to=to, limits=limits, stop=stop)
    with open_dicomweb(peer=peer, passing_on=passing_on, limits=limits, cancelled=cancelled, stop=stop) as archive:
        yield archive
