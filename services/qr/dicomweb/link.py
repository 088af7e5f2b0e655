"""The connection with a remote node's web services under a watchdog; its failures become errors of the job."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.qr.remote.archive import Limits
from services.qr.remote.ended import raise_for
from services.qr.remote.errors import NodeAway, NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from services.qr.remote.peer import WebPeer
from services.qr.remote.watchdog import Watchdog
from shared.dicomweb.errors import Trouble, WebError
from shared.dicomweb.http import Answer, WebClient, web_client
from shared.dicomweb.query import Parameters
from shared.logging import get_logger
from shared.tls.client import Handshake
from shared.tls.files import TlsError

PATIENCE = 20.0
"""The longest Retry-After, in seconds, that is waited for."""
MOST_WAITS = 3
LOOK_FOR_END = 0.1

log = get_logger(__name__)


_ERRORS: dict[Trouble, type[RemoteError]] = {
    Trouble.AWAY: NodeAway,
    Trouble.LATER: NodeAway,
    Trouble.FAILED: NodeTrouble,
    Trouble.TOO_MUCH: NodeTrouble,  # a range is halved, and half of it is asked for
    Trouble.REFUSED_US: NodeRefuses,
    Trouble.MISSING: StudyRefused,
    Trouble.NOT_ACCEPTABLE: StudyRefused,
    Trouble.REFUSED_REQUEST: StudyRefused,
}
"""The job's error for each kind of failure of a web service."""


class WebLink:
    """Requests to one node; each of its failures is one of the job's own errors."""

    def __init__(self, *, client: WebClient, peer: WebPeer, watchdog: Watchdog, limits: Limits) -> None:
        self.peer = peer
        self._client = client
        self.watchdog = watchdog
        self._limits = limits

    def touch(self) -> None:
        """Report progress to the watchdog, though nothing comes from the node at the moment."""
        self.watchdog.touch()

    def open(self, url: str, *, parameters: Parameters = (), accept: str) -> Answer:
        """Ask for a resource; where the node asks us to come again soon, do that.

        Raises:
            WebError: the node does not give it.
            JobCancelled, Stopping: while we were waiting.
        """
        for _ in range(MOST_WAITS):
            try:
                return self._client.open(url, parameters=parameters, accept=accept)
            except WebError as error:
                if error.retry_after is None or error.retry_after > PATIENCE:
                    raise
                log.info("asked to come again", seconds=error.retry_after)
                self._wait(error.retry_after)
        return self._client.open(url, parameters=parameters, accept=accept)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Turn failures within the block into the job's own errors.

        Raises:
            RemoteError: the node does not do what we asked for.
            JobCancelled, Stopping: we ended the connection.
        """
        try:
            yield
        except WebError as error:
            raise_for(self.watchdog.ended_by, self.peer, self._limits)
            raise _ERRORS[error.trouble].of(self.peer, str(error)) from error

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            raise_for(self.watchdog.ended_by, self.peer, self._limits)
            self.touch()
            time.sleep(LOOK_FOR_END)


@contextmanager
def linked(*, peer: WebPeer, limits: Limits, cancelled: Callable[[], bool], stop: threading.Event) -> Iterator[WebLink]:
    """Be ready for requests to a node for the block; there is a connection with the first of them.

    Raises:
        RemoteError, JobCancelled, Stopping: as the requests do.
    """
    watchdog = Watchdog(
        total_seconds=limits.total, idle_seconds=limits.idle, cancelled=cancelled, stop=stop, farewell=b""
    )
    credentials = peer.credentials
    with (
        watchdog,
        web_client(
            url=peer.settings.url,
            authorization=None if credentials is None else credentials.authorization,
            handshake=_handshake(peer),
            connect_seconds=limits.connect,
            idle_seconds=limits.idle,
            guard=watchdog.guard,
            touched=watchdog.touch,
            done=watchdog.rest,
        ) as client,
    ):
        watchdog.rest()  # there is no connection yet of which anything could be expected
        yield WebLink(client=client, peer=peer, watchdog=watchdog, limits=limits)


def _handshake(peer: WebPeer) -> Handshake | None:
    try:
        return None if peer.handshake is None else peer.handshake()
    except TlsError as error:
        raise NodeRefuses.of(peer, f"cannot be called with TLS: {error}") from error
