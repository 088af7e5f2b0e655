"""Whether a DICOM node is alive, found out by a real C-ECHO (PS3.4 annex A), and if not, why, in words."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from pydicom.uid import UID
from pynetdicom.association import Association

from shared.association.opening import (
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
from shared.tls.client import ClientTls, ServerIdentity
from shared.tls.files import TlsError

ALIVE = "alive"
ASSOCIATION_FAIL = "association fail"
VERIFICATION = UID("1.2.840.10008.1.1")
SUCCESS = 0x0000

SYSTEM_TLS = ClientTls(certificate=None, authorities=None)
"""TLS without files of ours: whom the operating system trusts is trusted."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and as whom."""

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str
    server: ServerIdentity | None = None
    """Who it has to prove to be; None: it is called without TLS."""


@dataclass(frozen=True, slots=True)
class EchoResult:
    """The outcome of a C-ECHO; `detail` says what happened, `duration_ms` how long it took."""

    alive: bool
    detail: str
    duration_ms: int

    @property
    def state(self) -> str:
        """The two states that a person knows from other DICOM software."""
        return ALIVE if self.alive else ASSOCIATION_FAIL


def echo(target: Target, *, timeout: float, tls: ClientTls = SYSTEM_TLS) -> EchoResult:
    """Send a C-ECHO. `timeout` is in seconds, for each of connection, TLS handshake, association and answer."""
    start = time.monotonic()
    try:
        call = call_of(target, tls=tls, connect=timeout, acse=timeout, answer=timeout)
        with associated(call, [VERIFICATION]) as association:
            alive, detail = _explain_status(_status(association))
    except NoAssociation as error:
        alive, detail = False, explain(error, target, connect=timeout, acse=timeout)
    except TlsError as error:
        alive, detail = False, f"cannot be called with TLS: {error}"
    return EchoResult(alive=alive, detail=detail, duration_ms=round((time.monotonic() - start) * 1000))


def call_of(
    target: Target, *, tls: ClientTls, connect: float, acse: float, answer: float, max_pdu_bytes: int = 16382
) -> Call:
    """Return how a target is called; see `Call`.

    Raises:
        TlsError: it speaks TLS, and our files cannot be used.
    """
    return Call(
        host=target.host,
        port=target.port,
        called_ae_title=target.called_ae_title,
        calling_ae_title=target.calling_ae_title,
        connect=connect,
        acse=acse,
        answer=answer,
        max_pdu_bytes=max_pdu_bytes,
        handshake=tls.handshake(target.server) if target.server is not None else None,
    )


def _status(association: Association) -> int | None:
    with suppress(RuntimeError):  # the association is gone
        status = association.send_c_echo().get("Status")
        return None if status is None else int(status)
    return None


def _unknown_host(target: Target) -> str:
    return f"the host name {target.host} is not known here; check its spelling or use its IP address"


def _explain_status(status: int | None) -> tuple[bool, str]:
    if status == SUCCESS:
        return True, "answers C-ECHO"
    if status is None:
        return False, "accepts the association but does not answer the C-ECHO"
    return False, f"answers the C-ECHO with status 0x{status:04X}"


def explain(error: NoAssociation, target: Target, *, connect: float, acse: float) -> str:
    """Say why there is no association, and what to look at."""
    match error:
        case NotResolved():
            return _unknown_host(target)
        case NotConnected():
            return explain_connection_error(error.error, target, connect)
        case Rejected() | NoTls():
            return str(error)
        case NothingAccepted():
            return "does not accept C-ECHO (Verification SOP Class)"
        case NoAnswer(is_closed=True):
            return "accepts the connection, but closes it without a word; is it a DICOM port, and one without TLS?"
        case _:
            return f"accepts the connection but no DICOM association within {acse:g} s; is it a DICOM port?"


def explain_connection_error(error: OSError, target: Target, timeout: float) -> str:
    """Say why there is no TCP connection, and what to look at."""
    where = f"{target.host}:{target.port}"
    match error:
        case ConnectionRefusedError():
            return f"nothing listens on {where}; is it started, is the port right?"
        case TimeoutError():
            return f"{where} does not answer within {timeout:g} s; is the address right, does a firewall stand between?"
        case socket.gaierror():
            return _unknown_host(target)
        case _:
            return f"no connection to {where}: {error.strerror or error}"
