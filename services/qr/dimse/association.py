"""Opening an association with a remote node under a watchdog, and saying in words why there is none.

The only module that knows how pynetdicom opens and ends associations; `find` and `move` use what it hands out.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, _config, build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext, build_context

from services.qr.archive import Limits
from services.qr.ended import raise_for
from services.qr.errors import CalledAETitleUnknown, CallingAETitleUnknown, Congested, NodeAway, NodeRefuses
from services.qr.watchdog import Watchdog
from shared.dicom.entity import ClosingEntity
from shared.dicom.reactor import stopped_reactor

_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_RESPONSE_IDENTIFIERS = False

CALLED_AE_TITLE_UNKNOWN = 7
CALLING_AE_TITLE_UNKNOWN = 3
REJECTED_PERMANENTLY = 1
SERVICE_USER = 1


@dataclass(frozen=True, slots=True)
class Peer:
    """A remote node as we reach it."""

    name: str
    """What people call it; it stands in every reason."""
    address: str
    port: int
    ae_title: str
    calling_ae_title: str
    max_pdu_bytes: int = 16382
    """The longest PDU that we accept; 0: any."""

    def __str__(self) -> str:
        return f"{self.name} ({self.ae_title} at {self.address}:{self.port})"


@dataclass(frozen=True, slots=True)
class Link:
    """An open association and its watchdog."""

    association: Association
    peer: Peer
    watchdog: Watchdog
    limits: Limits

    def accepts(self, sop_class: UID) -> bool:
        """Tell whether the peer has accepted a SOP class."""
        return any(context.abstract_syntax == sop_class for context in self.association.accepted_contexts)

    def require(self, sop_class: UID) -> None:
        """Insist on a SOP class.

        Raises:
            NodeRefuses: the peer has not accepted it.
        """
        if not self.accepts(sop_class):
            raise NodeRefuses(f"{self.peer} does not offer {sop_class.name}")

    def status(self, response: Dataset) -> int:
        """Return the status of a response, and tell the watchdog that there was one.

        Raises:
            JobCancelled, Stopping: we ended the association.
            NodeAway: the association is gone, or the peer was silent for too long.
        """
        status = response.get("Status")
        if status is None:
            self.check()
            raise NodeAway(f"{self.peer} dropped the association before it was done")
        self.watchdog.touch()
        return int(status)

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
        peer: whom to call.
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
    watchdog = Watchdog(total_seconds=limits.total, idle_seconds=limits.idle, cancelled=cancelled, stop=stop)
    entity = ClosingEntity(ae_title=peer.calling_ae_title)
    entity.connection_timeout = limits.connect
    entity.acse_timeout = limits.acse
    entity.maximum_pdu_size = peer.max_pdu_bytes
    # The watchdog knows the difference between silence and the whole; these two only stand behind it.
    entity.dimse_timeout = entity.network_timeout = limits.total + 60
    proposed = [*map(build_context, sop_classes), *contexts]
    roles = [build_role(sop_class, scp_role=True) for sop_class in scp_of]
    with watchdog, entity:
        association = _request(entity, peer, watchdog, proposed, roles)
        try:
            if not association.is_established:
                raise_for(watchdog.ended_by, peer, limits)
                raise _refusal(association, peer, limits)
            with stopped_reactor(association):
                yield Link(association=association, peer=peer, watchdog=watchdog, limits=limits)
            association.release()
        finally:
            association.abort()  # nothing happens where it is released
            watchdog.on_cancel = None


def _request(
    entity: AE,
    peer: Peer,
    watchdog: Watchdog,
    contexts: Sequence[PresentationContext],
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation],
) -> Association:
    def guard(event: evt.Event) -> None:
        transport = event.assoc.dul.socket
        if transport is not None and transport.socket is not None:
            watchdog.guard(transport.socket)

    try:
        return entity.associate(
            peer.address,
            peer.port,
            ae_title=peer.ae_title,
            contexts=list(contexts),
            ext_neg=list(roles),
            evt_handlers=[(evt.EVT_CONN_OPEN, guard)],
        )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NodeAway(f"{peer} cannot be reached: its name is not resolved: {reason}") from error


def _refusal(association: Association, peer: Peer, limits: Limits) -> NodeAway | NodeRefuses:
    answer = association.acceptor.primitive
    if answer is None:
        return NodeAway(f"{peer} cannot be reached: {_probe(peer, limits)}")
    if association.is_rejected:
        if answer.result_source == SERVICE_USER and answer.diagnostic == CALLED_AE_TITLE_UNKNOWN:
            text = f"{peer} says that it is not {peer.ae_title}: correct the AE title of the remote node"
            return CalledAETitleUnknown(text)
        if answer.result_source == SERVICE_USER and answer.diagnostic == CALLING_AE_TITLE_UNKNOWN:
            text = f"{peer} does not know us: register our AE title {peer.calling_ae_title} there"
            return CallingAETitleUnknown(text)
        text = f"{peer} rejects the association: {answer.reason_str}"
        return NodeRefuses(text) if answer.result == REJECTED_PERMANENTLY else Congested(text)
    return NodeRefuses(f"{peer} accepts none of the services that we need")


def _probe(peer: Peer, limits: Limits) -> str:
    """Say why there was no answer; pynetdicom keeps the reason for itself."""
    try:
        with socket.create_connection((peer.address, peer.port), timeout=limits.connect):
            return f"what listens there gives no valid answer to an association request within {limits.acse:g} seconds"
    except TimeoutError:
        return f"no connection within {limits.connect:g} seconds"
    except OSError as error:
        return error.strerror or str(error)
