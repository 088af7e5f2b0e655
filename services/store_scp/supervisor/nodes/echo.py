"""The C-ECHO that the supervisor sends to a store node, as a scanner would."""

import socket
import ssl
from dataclasses import dataclass

from pydicom.uid import UID

from shared.association.opening import Call, NoAssociation, NotConnected, NothingAccepted, Rejected, associated
from shared.dicom.status import SUCCESS
from shared.dicom.uid import VERIFICATION
from shared.tls.client import Handshake

TIMEOUT_SECONDS = 5.0
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The outcome of one C-ECHO to a node."""

    problem: str | None = None
    """Why the node did not answer, in words; None: it did."""
    is_rejected: bool = False
    """True: it rejected the association, so it runs, but is overloaded."""


def echo(
    *, bind: str, port: int, ae_title: str, calling_ae_title: str, tls: ssl.SSLContext | None = None
) -> ProbeResult:
    """Send a C-ECHO to a node that listens on `bind`; returns whether it answered.

    Args:
        bind: the address that it listens on.
        port: its port.
        ae_title: its AE title.
        calling_ae_title: the one by which it knows its supervisor.
        tls: how to speak TLS with it; None: without.
    """
    host = reachable(bind)
    call = Call(
        host=host,
        port=port,
        called_ae_title=ae_title,
        calling_ae_title=calling_ae_title,
        connect=TIMEOUT_SECONDS,
        acse=TIMEOUT_SECONDS,
        answer=TIMEOUT_SECONDS,
        handshake=Handshake(tls, host) if tls is not None else None,
    )
    try:
        with associated(call, [UID(VERIFICATION)]) as association:
            return _judge(association.send_c_echo().get("Status"))
    except Rejected as error:
        return ProbeResult(str(error), is_rejected=True)
    except NoAssociation as error:
        return ProbeResult(_explain(error))


def shake_hands(*, bind: str, port: int, tls: ssl.SSLContext) -> ProbeResult:
    """Begin a TLS handshake with a node; returns whether it answered.

    With TLS 1.3 our part of the handshake is over before the node looks at the certificate that it has asked for.
    """
    try:
        with socket.create_connection((reachable(bind), port), timeout=TIMEOUT_SECONDS) as connection:
            tls.wrap_socket(connection).close()
    except OSError as error:
        return ProbeResult(f"no TLS handshake: {error.strerror or error}")
    return ProbeResult()


def reachable(bind: str) -> str:
    """Return the address at which a node can be called from here that listens on `bind`."""
    return _EVERY_ADDRESS.get(bind, bind)


def _judge(status: int | None) -> ProbeResult:
    if status is None:
        return ProbeResult(f"no answer within {TIMEOUT_SECONDS:g} seconds")
    return ProbeResult(None if status == SUCCESS else f"answers with status 0x{status:04X}")


def _explain(error: NoAssociation) -> str:
    match error:
        case NotConnected():
            return f"no connection: {error}"
        case NothingAccepted():
            return "accepts the association, but not the Verification SOP Class"
        case _:
            return str(error)
