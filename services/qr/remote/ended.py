"""The error for a connection that the watchdog has ended, by the reason."""

from services.qr.remote.archive import Limits
from services.qr.remote.errors import JobCancelled, NodeAway, Stopping
from services.qr.remote.watchdog import EndedBy


def raise_for(ended_by: EndedBy | None, peer: object, limits: Limits) -> None:
    """Raise the reason for which the watchdog has ended a connection; nothing where it has not.

    Args:
        ended_by: what the watchdog says.
        peer: whose text names the remote node.
        limits: how long we were ready to wait for it.

    Raises:
        JobCancelled, Stopping: it is not wanted any more.
        NodeAway: the peer was silent, or took too long.
    """
    match ended_by:
        case EndedBy.CANCEL:
            raise JobCancelled("cancelled")
        case EndedBy.STOP:
            raise Stopping("this worker is being stopped")
        case EndedBy.IDLE:
            raise NodeAway.of(peer, f"was silent for {limits.idle:g} seconds")
        case EndedBy.TOTAL:
            raise NodeAway.of(peer, f"was not done after {limits.total:g} seconds, the longest that we wait")
