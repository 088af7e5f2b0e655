"""The job's store node as this service calls it: to check that it runs, and to pass objects on to it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from pydicom.uid import UID
from pynetdicom.presentation import PresentationContext

from services.qr.remote.archive import Limits
from services.qr.remote.association import Link, associate
from services.qr.remote.echo import VERIFICATION, echo
from services.qr.remote.errors import CalledAETitleUnknown, CallingAETitleUnknown, Congested, NodeAway, NodeRefuses
from services.qr.remote.peer import Peer
from shared.database.base import now
from shared.database.models.node import StoreNode, StoreNodeState
from shared.logging import get_logger
from shared.tls.client import REMOTE_CA, ClientTls, Handshake, ServerIdentity
from shared.tls.files import TlsError

log = get_logger(__name__)


def store_peer_of(node: StoreNode, *, store_scp_host: str, calling_ae_title: str, tls: ClientTls) -> Peer:
    """Return the address of a store node: ours at the host of the store_scp service, a third party's at its own."""
    address = node.host or store_scp_host
    return Peer(
        name=f"store node {node.name}",
        address=address,
        port=node.port,
        ae_title=node.ae_title,
        calling_ae_title=calling_ae_title,
        handshake=partial(_handshake, address, tls, managed=node.managed) if node.tls else None,
    )


def _handshake(address: str, tls: ClientTls, *, managed: bool) -> Handshake:
    """Return the TLS handshake for a store node: its certificate is for the name by which remote nodes know it.

    Raises:
        TlsError: the authorities are missing, or our files cannot be used.
    """
    if not tls.has_authorities:
        known = "DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY of store_scp" if managed else REMOTE_CA
        raise TlsError(f"the qr service does not know its certificate; give it {known}")
    return tls.handshake(ServerIdentity(address, is_checked=False))


@contextmanager
def calling_store_node(
    peer: Peer,
    *,
    limits: Limits,
    stop: threading.Event,
    sop_classes: Sequence[UID] = (),
    contexts: Sequence[PresentationContext] = (),
) -> Iterator[Link]:
    """Open an association with a store node for the block. It is not ended when a job is cancelled.

    Raises:
        NodeAway: it does not answer, or not in time.
        NodeRefuses: it rejects us; the text says what to change where.
        Stopping: this worker is being stopped.
    """
    try:
        with associate(
            peer=peer, sop_classes=sop_classes, contexts=contexts, limits=limits, cancelled=lambda: False, stop=stop
        ) as link:
            yield link
    except CalledAETitleUnknown as error:
        words = f"says that it is not {peer.ae_title}: another node stands there"
        raise CalledAETitleUnknown.of(peer, words) from error
    except CallingAETitleUnknown as error:
        words = (
            f"does not let {peer.calling_ae_title} call from here: "
            "allow that calling AE title and the address of the qr service there"
        )
        raise CallingAETitleUnknown.of(peer, words) from error


def check_store_node(node: StoreNode, peer: Peer, *, passing_on: bool, limits: Limits, stop: threading.Event) -> None:
    """Check that a job's store node runs, before objects are requested that could not arrive.

    For a node of ours, the report of store_scp counts more than our own call, as the remote node has to reach it, not
    we; except where we pass objects on ourselves.

    Args:
        node: the store node.
        peer: how we call it.
        passing_on: True: objects come to it from us (C-GET), not from the remote node.
        limits: how long it may take.
        stop: set when this process shall end.

    Raises:
        NodeAway: it does not run, or does not answer.
        NodeRefuses: it has another AE title, or does not let us pass objects on.
        Stopping: this worker is being stopped.
    """
    reported = _reported(node)
    if reported in (StoreNodeState.STOPPED, StoreNodeState.FAILED):
        raise NodeAway(f"store node {node.name} does not run: {node.state_detail or reported.value}")
    if not passing_on and (reported is StoreNodeState.ALIVE or _cannot_be_asked(node)):
        return
    try:
        with calling_store_node(peer, sop_classes=(VERIFICATION,), limits=limits, stop=stop) as link:
            echo(link)
    except NodeRefuses as error:
        # A node that rejects us runs; only the remote node can find out if it accepts the remote node's objects.
        if passing_on or isinstance(error, CalledAETitleUnknown):
            raise
        log.info("the store node does not let us call", store_node=node.name)
    except Congested:
        log.info("the store node is busy", store_node=node.name)
    except NodeAway as error:
        raise NodeAway(f"{error}; {_advice(node)}") from error


def _reported(node: StoreNode) -> StoreNodeState:
    """Return what the store_scp service has reported of a node of ours, as long as that is fresh."""
    return node.state if node.has_fresh_report(at=now()) else StoreNodeState.UNKNOWN


def _cannot_be_asked(node: StoreNode) -> bool:
    """Tell whether our call would prove nothing: a third party's node of unknown host, or one that requires TLS."""
    return node.tls or (not node.managed and node.host is None)


def _advice(node: StoreNode) -> str:
    if node.managed:
        return "is the store_scp service running, and does DOSEWIRE_STORE_SCP_HOST name its host?"
    return "is it running?"
