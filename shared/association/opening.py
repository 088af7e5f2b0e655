"""Opening an association: the only way in which services call DICOM nodes.

The class of an error tells the cause of a failure. Each service words it for its own users; `Rejected.reason` and
`NoTls.why` are the same everywhere.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.uid import UID
from pynetdicom import build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ
from pynetdicom.presentation import PresentationContext, build_context

from shared.association.connection import Connection, Guard
from shared.association.entity import ClosingEntity
from shared.association.reactor import stopped_reactor
from shared.errors import DosewireError
from shared.tls.client import Handshake
from shared.tls.explain import ENDED_AFTER_HANDSHAKE, SPEAKS_TLS, Disagreement, explain

PERMANENT = 1
CALLING_AE_TITLE_UNKNOWN = (1, 3)
CALLED_AE_TITLE_UNKNOWN = (1, 7)
_REASONS: dict[tuple[int, int], str] = {
    (1, 1): "it gives no reason",
    (1, 2): "it does not support the DICOM application context",
    CALLING_AE_TITLE_UNKNOWN: "it does not accept our AE title {calling}; add {calling} to its list",
    CALLED_AE_TITLE_UNKNOWN: "it does not know the AE title {called} as its own",
    (2, 1): "it gives no reason",
    (2, 2): "it does not support this version of the protocol",
    (3, 1): "it is congested for the moment",
    (3, 2): "its limit of associations is reached",
}
"""The reasons in words, by Source and Reason/Diag. of an A-ASSOCIATE-RJ (PS3.8 table 9-21)."""
_TLS_ALERT = b"\x15\x03"
"""The first bytes of a TLS alert, with which a peer refuses a handshake (RFC 8446 section 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a DICOM node: its address, both AE titles, and time-outs in seconds.

    Attributes:
        host: address or name.
        connect: for the connection, and as long again for the handshake of TLS.
        acse: for the answer to the association request, and to a release.
        answer: for each response, and for a PDU that has begun.
        max_pdu_bytes: the longest PDU that we accept; 0: any.
        handshake: how TLS begins; None: without TLS.
    """

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str
    connect: float
    acse: float
    answer: float
    max_pdu_bytes: int = 16382
    handshake: Handshake | None = None


class NoAssociation(DosewireError):
    """The association could not be opened."""


class NotResolved(NoAssociation):
    """The name of the host cannot be resolved here."""


class NotConnected(NoAssociation):
    """There is no TCP connection; `error` is the reason."""

    def __init__(self, error: OSError) -> None:
        self.error = error
        super().__init__(error.strerror or str(error))


class NoTls(NoAssociation):
    """There is a connection, but the TLS handshake failed."""

    def __init__(self, why: Disagreement) -> None:
        self.why = why
        super().__init__(why.words)


class NoAnswer(NoAssociation):
    """There is a connection, but no valid answer to the association request.

    `is_closed`: the peer has ended it without an answer, as most peers do that expect TLS.
    """

    def __init__(self, *, is_closed: bool) -> None:
        self.is_closed = is_closed
        super().__init__("closes the connection without a word" if is_closed else "gives no valid answer")


class Rejected(NoAssociation):
    """The peer rejects the association (PS3.8 section 9.3.4)."""

    def __init__(self, call: Call, *, result: int, source: int, diagnostic: int) -> None:
        self.is_permanent = result == PERMANENT
        self.source_and_diagnostic = source, diagnostic
        words = _REASONS.get((source, diagnostic), f"source and reason are {(source, diagnostic)}")
        self.reason = words.format(called=call.called_ae_title, calling=call.calling_ae_title)
        super().__init__(f"rejects the association: {self.reason}")


class NothingAccepted(NoAssociation):
    """The peer accepts the association, but none of the SOP classes."""


@contextmanager
def associated(
    call: Call,
    sop_classes: Sequence[UID],
    *,
    contexts: Sequence[PresentationContext] = (),
    scp_of: Iterable[UID] = (),
    guard: Guard | None = None,
) -> Iterator[Association]:
    """Open an association for the block; afterwards it is released, or aborted where the block raises.

    Args:
        call: the address, the AE titles and the time-outs.
        sop_classes: what is proposed, with the usual transfer syntaxes.
        contexts: what is proposed in addition; in all at most 128 (PS3.8 section 7.1.1.13).
        scp_of: the SOP classes for which we propose to be SCP (PS3.7 section D.3.3.4).
        guard: told of each socket before it is waited for; what it shuts down ends at once, wherever it hangs.

    Raises:
        NoAssociation: the peer does not accept one; the class says why.
    """
    guards = {} if guard is None else {"guard": guard}
    with ClosingEntity(ae_title=call.calling_ae_title, handshake=call.handshake, **guards) as entity:
        entity.connection_timeout = call.connect
        entity.acse_timeout = call.acse
        entity.dimse_timeout = entity.network_timeout = call.answer
        entity.maximum_pdu_size = call.max_pdu_bytes
        heard = _Heard()
        try:
            association = entity.associate(
                call.host,
                call.port,
                ae_title=call.called_ae_title,
                contexts=[*map(build_context, sop_classes), *contexts],
                ext_neg=[build_role(sop_class, scp_role=True) for sop_class in scp_of],
                evt_handlers=[(evt.EVT_PDU_RECV, heard.received)],
            )
        except (socket.gaierror, UnicodeError) as error:
            raise NotResolved(getattr(error, "strerror", None) or str(error)) from error
        try:
            if not association.is_established:
                raise _why_none(call, entity.connections[-1], heard)
            with stopped_reactor(association):
                yield association
            association.release()
        finally:
            if association.is_rejected:
                association.kill()  # its thread ends by itself; an abort would wait for nothing
            else:
                association.abort()  # nothing happens where it is released


class _Heard:
    """The answer of a peer to an association request, noted as it comes."""

    def __init__(self) -> None:
        self.accepted = False
        self.rejection: tuple[int, int, int] | None = None

    def received(self, event: evt.Event) -> None:
        pdu = event.pdu
        if isinstance(pdu, A_ASSOCIATE_RJ):
            self.rejection = pdu.result or 0, pdu.source or 0, pdu.reason_diagnostic or 0
            if self.rejection[1:] not in _REASONS or pdu.result not in {1, 2}:
                # A thread of pynetdicom's would die of what the standard does not know.
                pdu.result, pdu.source, pdu.reason_diagnostic = 1, 1, 1
        elif isinstance(pdu, A_ASSOCIATE_AC):
            self.accepted = True


def _why_none(call: Call, connection: Connection, heard: _Heard) -> NoAssociation:
    if heard.rejection is not None:
        result, source, diagnostic = heard.rejection
        return Rejected(call, result=result, source=source, diagnostic=diagnostic)
    if heard.accepted:
        return NothingAccepted()
    failure = connection.failure
    if not connection.reached:
        return NotConnected(failure if isinstance(failure, OSError) else OSError("no connection"))
    disagreement = _why_no_tls(call, connection)
    if disagreement is not None:
        return NoTls(disagreement)
    return NoAnswer(is_closed=connection.was_closed and not connection.first_bytes)


def _why_no_tls(call: Call, connection: Connection) -> Disagreement | None:
    """Return why there is no TLS where there should be, or is where there should be none; None: it is not that."""
    failure = connection.failure
    if call.handshake is None:
        return SPEAKS_TLS if connection.first_bytes.startswith(_TLS_ALERT) else None
    if isinstance(failure, ssl.SSLError) and not isinstance(failure, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return explain(failure, name=call.handshake.server_name, seconds=call.connect)
    if connection.was_opened:
        return ENDED_AFTER_HANDSHAKE if connection.was_closed and not connection.first_bytes else None
    return None if failure is None else explain(failure, name=call.handshake.server_name, seconds=call.connect)
