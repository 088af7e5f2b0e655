"""The listening socket of a store node, and the reasons why there can be none."""

import errno
import socket

from services.store_scp.common.node_output import ListeningFailed, ListeningFailure, port_in_use
from services.store_scp.node.receive.listener import BACKLOG
from shared.tls.files import TlsError


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: it cannot listen there.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def why_not_listening(error: OSError | TlsError, *, address: str, port: int) -> ListeningFailed:
    """Return the reason why a node cannot listen, with advice for an operator."""
    if isinstance(error, TlsError):
        return ListeningFailed(ListeningFailure.OTHER, str(error))
    match error.errno:
        case errno.EADDRINUSE:
            return ListeningFailed(ListeningFailure.PORT_IN_USE, port_in_use(port))
        case errno.EACCES:
            reason = f"port {port} may not be used by an unprivileged service; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            reason = f"this machine has no address {address}; correct DOSEWIRE_DICOM_BIND"
        case _:
            reason = f"cannot listen on {address} port {port}: {error.strerror or error}"
    return ListeningFailed(ListeningFailure.OTHER, reason)
