"""Whether a DICOM node is alive, found out by a real C-ECHO (PS3.4 annex A), and if not, why, in words."""

import socket
import time
from dataclasses import dataclass

from pynetdicom import AE, evt
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made at run time

from shared.dicom.entity import ClosingEntity
from shared.dicom.reactor import stopped_reactor

ALIVE = "alive"
ASSOCIATION_FAIL = "association fail"
SUCCESS = 0x0000

_REASONS: dict[tuple[int | None, int | None], str] = {
    (1, 1): "it gives no reason",
    (1, 2): "it does not support the DICOM application context",
    (1, 3): "it does not accept our AE title {calling}; add {calling} to its list",
    (1, 7): "it does not know the AE title {called} as its own",
    (2, 1): "it gives no reason",
    (2, 2): "it does not support this version of the protocol",
    (3, 1): "it is congested for the moment",
    (3, 2): "its limit of associations is reached",
}
"""By Source and Reason/Diag. of an A-ASSOCIATE-RJ (PS3.8 table 9-21)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and as whom."""

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str


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


def echo(target: Target, *, timeout: float) -> EchoResult:
    """Send a C-ECHO. `timeout` is in seconds, for each of connection, association and answer."""
    start = time.monotonic()
    with ClosingEntity(ae_title=target.calling_ae_title) as entity:
        entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = timeout
        entity.add_requested_context(Verification)
        alive, detail = _echo(entity, target, timeout)
    return EchoResult(alive=alive, detail=detail, duration_ms=round((time.monotonic() - start) * 1000))


class Heard:
    """What a peer did during an association, noted as it happens.

    Not asked of the association afterwards: pynetdicom forgets a rejection that comes so fast that the connection is
    closed again before its own thread looks.
    """

    def __init__(self) -> None:
        self.connected = self.accepted = False
        self.rejection: tuple[int | None, int | None] | None = None

    @property
    def handlers(self) -> list[evt.EventHandlerType]:
        """What pynetdicom shall call."""
        return [(evt.EVT_CONN_OPEN, self._connected), (evt.EVT_PDU_RECV, self._received)]

    def _connected(self, _event: evt.Event) -> None:
        self.connected = True

    def _received(self, event: evt.Event) -> None:
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            self.rejection = event.pdu.source, event.pdu.reason_diagnostic
        elif isinstance(event.pdu, A_ASSOCIATE_AC):
            self.accepted = True


def _echo(entity: AE, target: Target, timeout: float) -> tuple[bool, str]:
    heard = Heard()
    try:
        association = entity.associate(
            target.host, target.port, ae_title=target.called_ae_title, evt_handlers=heard.handlers
        )
    except socket.gaierror:
        return False, _unknown_host(target)
    if association.is_established:
        with stopped_reactor(association):
            status = association.send_c_echo()
        association.release()
        return _explain_status(status.get("Status"))
    if heard.connected:
        return False, explain_refusal(heard, target, timeout)
    return False, _explain_no_connection(target, timeout)


def _unknown_host(target: Target) -> str:
    return f"the host name {target.host} is not known here; check its spelling or use its IP address"


def _explain_status(status: int | None) -> tuple[bool, str]:
    if status == SUCCESS:
        return True, "answers C-ECHO"
    if status is None:
        return False, "accepts the association but does not answer the C-ECHO"
    return False, f"answers the C-ECHO with status 0x{status:04X}"


def explain_refusal(heard: Heard, target: Target, timeout: float) -> str:
    """Say why there is a connection, but no association."""
    if heard.rejection is not None:
        words = _REASONS.get(heard.rejection, f"source and reason are {heard.rejection}")
        reason = words.format(called=target.called_ae_title, calling=target.calling_ae_title)
        return f"rejects the association: {reason}"
    if heard.accepted:
        return "does not accept C-ECHO (Verification SOP Class)"
    return f"accepts the connection but no DICOM association within {timeout:g} s; is it a DICOM port?"


def _explain_no_connection(target: Target, timeout: float) -> str:
    """Connect once more by hand: pynetdicom keeps the reason to its log."""
    try:
        socket.create_connection((target.host, target.port), timeout=timeout).close()
    except OSError as error:
        return explain_connection_error(error, target, timeout)
    return f"{target.host}:{target.port} did not accept the connection at first; try again"


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
