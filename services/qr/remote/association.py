"""Opening an association with a remote node under a watchdog; a failure is explained in words.

`find`, `move` and `get` use what it hands out.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from services.qr.remote.archive import Limits
from services.qr.remote.ended import raise_for
from services.qr.remote.errors import CalledAETitleUnknown, CallingAETitleUnknown, Congested, NodeAway, NodeRefuses
from services.qr.remote.peer import Peer
from services.qr.remote.watchdog import Watchdog
from shared.association.opening import (
    CALLED_AE_TITLE_UNKNOWN,
    CALLING_AE_TITLE_UNKNOWN,
    Call,
    NoAnswer,
    NoAssociation,
    NotConnected,
    NothingAccepted,
    NoTls,
    NotResolved,
    Rejected,
    associated,
)
from shared.tls.files import TlsError

DROPPED = "dropped the association before it was done"


@dataclass(frozen=True, slots=True)
class Link:
    """An open association and its watchdog."""

    association: Association
    peer: Peer
    watchdog: Watchdog
    limits: Limits

    @property
    def is_usable(self) -> bool:
        """True: neither side has ended the association."""
        return bool(self.association.is_established) and self.watchdog.ended_by is None

    def accepts(self, sop_class: UID) -> bool:
        """Tell whether the peer has accepted a SOP class."""
        return any(context.abstract_syntax == sop_class for context in self.association.accepted_contexts)

    def require(self, sop_class: UID) -> None:
        """Insist on a SOP class.

        Raises:
            NodeRefuses: the peer has not accepted it.
            JobCancelled, Stopping, NodeAway: the association is gone.
        """
        self.check()
        if not self.association.is_established:
            raise NodeAway.of(self.peer, DROPPED)
        if not self.accepts(sop_class):
            raise NodeRefuses.of(self.peer, f"does not offer {sop_class.name}")

    def status(self, response: Dataset) -> int:
        """Return the status of a response, and tell the watchdog that there was one.

        Raises:
            JobCancelled, Stopping: we ended the association.
            NodeAway: the association is gone, or the peer was silent for too long.
        """
        status = response.get("Status")
        if status is None:
            self.check()
            raise NodeAway.of(self.peer, DROPPED)
        self.watchdog.touch()
        return int(status)

    def cancel(self, message_id: int, sop_class: UID) -> None:
        """Send a C-CANCEL for a C-FIND, C-MOVE or C-GET (PS3.7 section 9.3.2.3)."""
        with suppress(RuntimeError):  # the association is gone: nothing left to cancel
            self.association.send_c_cancel(message_id, query_model=sop_class)

    def check(self) -> None:
        """Raise the reason for which the watchdog has ended the association, where it has."""
        raise_for(self.watchdog.ended_by, self.peer, self.limits)


@contextmanager
def associate(
    *,
    peer: Peer,
    sop_classes: Sequence[UID],
    limits: Limits,
    cancelled: Callable[[], bool],
    stop: threading.Event,
    contexts: Sequence[PresentationContext] = (),
    scp_of: Iterable[UID] = (),
) -> Iterator[Link]:
    """Open an association for the block; it is released or aborted afterwards.

    Args:
        peer: the remote node.
        sop_classes: what we propose, with the usual transfer syntaxes.
        limits: how long we wait.
        cancelled: whether the job has been cancelled.
        stop: set when this process shall end.
        contexts: what we propose in addition; in all at most 128 (PS3.8 section 7.1.1.13).
        scp_of: the SOP classes of those for which we propose to be SCP (PS3.7 section D.3.3.4).

    Raises:
        NodeAway: nobody answers there, or not in time.
        NodeRefuses: the peer rejects us for good; the text says what to register where.
        JobCancelled, Stopping: while we were waiting.
    """
    call = _call(peer, limits)
    watchdog = Watchdog(total_seconds=limits.total, idle_seconds=limits.idle, cancelled=cancelled, stop=stop)
    with watchdog:
        watchdog.rest()  # to connect and to negotiate have times of their own
        try:
            with associated(call, sop_classes, contexts=contexts, scp_of=scp_of, guard=watchdog.guard) as association:
                watchdog.touch()
                yield Link(association=association, peer=peer, watchdog=watchdog, limits=limits)
                watchdog.touch()  # the release is another matter
        except NoAssociation as error:
            raise_for(watchdog.ended_by, peer, limits)
            raise _explain(error, peer, limits, sop_classes) from error
        finally:
            watchdog.on_cancel = None


def _call(peer: Peer, limits: Limits) -> Call:
    try:
        handshake = peer.handshake() if peer.handshake is not None else None
    except TlsError as error:
        raise NodeAway.of(peer, f"cannot be called with TLS: {error}") from error
    return Call(
        host=peer.address,
        port=peer.port,
        called_ae_title=peer.ae_title,
        calling_ae_title=peer.calling_ae_title,
        connect=limits.connect,
        acse=limits.acse,
        # The watchdog knows the difference between silence and the whole; this only stands behind it.
        answer=limits.total + 60,
        max_pdu_bytes=peer.max_pdu_bytes,
        handshake=handshake,
    )


def _explain(error: NoAssociation, peer: Peer, limits: Limits, sop_classes: Sequence[UID]) -> NodeAway | NodeRefuses:
    match error:
        case NoTls():
            return (NodeRefuses if error.why.lasts else NodeAway).of(peer, str(error))
        case Rejected():
            return _explain_rejection(error, peer)
        case NothingAccepted():
            names = ", ".join(sop_class.name for sop_class in sop_classes)
            words = "accepts none of the services that we need"
            return NodeRefuses.of(peer, f"{words}: {names}" if names else words)
        case NotResolved():
            why = unknown_host(peer.address)
        case NotConnected():
            why = explain_connection_error(error.error, peer.address, peer.port, seconds=limits.connect)
        case NoAnswer(is_closed=True):
            why = "what listens there closes the connection without a word: is it a DICOM port, and one without TLS?"
        case _:
            why = (
                "what listens there gives no valid answer to an association request "
                f"within {limits.acse:g} seconds: is it a DICOM port?"
            )
    return NodeAway(f"{peer} cannot be reached: {why}", words=why)


def explain_connection_error(error: OSError, host: str, port: int, *, seconds: float) -> str:
    """Say why there is no TCP connection, and what to look at."""
    where = f"{host}:{port}"
    match error:
        case ConnectionRefusedError():
            return f"nothing listens on {where}; is it started, is the port right?"
        case TimeoutError():
            return f"{where} does not answer within {seconds:g} s; is the address right, does a firewall stand between?"
        case socket.gaierror():
            return unknown_host(host)
        case _:
            return f"no connection to {where}: {error.strerror or error}"


def unknown_host(host: str) -> str:
    """Say that the name of a host is not resolved, and what to do."""
    return f"the host name {host} is not known here; check its spelling or use its IP address"


def _explain_rejection(rejection: Rejected, peer: Peer) -> NodeAway | NodeRefuses:
    if rejection.source_and_diagnostic == CALLED_AE_TITLE_UNKNOWN:
        words = f"says that it is not {peer.ae_title}: correct the AE title of the remote node"
        return CalledAETitleUnknown.of(peer, words)
    if rejection.source_and_diagnostic == CALLING_AE_TITLE_UNKNOWN:
        return CallingAETitleUnknown.of(peer, f"does not know us: register our AE title {peer.calling_ae_title} there")
    return (NodeRefuses if rejection.is_permanent else Congested).of(peer, str(rejection))
