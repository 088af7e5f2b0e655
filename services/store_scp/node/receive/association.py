"""An association from its request to its end, served by one thread (PS3.8 section 9.2, the acceptor's part)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.rejection import Cause, Rejection, reject
from services.store_scp.node.admission.census import Census
from services.store_scp.node.admission.policy import Policy
from services.store_scp.node.protocol import pdu
from services.store_scp.node.protocol.handshake_fault import why_no_handshake
from services.store_scp.node.protocol.messages import Messages
from services.store_scp.node.protocol.negotiation import Negotiator, Proposal
from services.store_scp.node.protocol.operation import Origin
from services.store_scp.node.protocol.pdu import AbortReason, PduType, ProtocolFault
from services.store_scp.node.protocol.transport import NothingSaid, Silent, Transport
from services.store_scp.node.protocol.wire import Ended, Wire
from services.store_scp.node.receive.operations import Services
from services.store_scp.node.receive.storing import FileSupply
from shared.logging import get_logger
from shared.spool.incoming import Incoming

LINGER_SECONDS = 2.0
"""Seconds that a peer may take to close the connection after an A-ABORT or A-ASSOCIATE-RJ."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeServices:
    """The parts and settings that all associations of a node share."""

    name: str
    """The node's friendly name."""
    policy: Policy
    negotiator: Negotiator
    census: Census
    incoming: Incoming
    full: Callable[[], str | None]
    """Returns why nothing may be stored now (the watermark of the disk), or None."""
    announce: Callable[[str], None]
    """Told the trace id of each object that is safe."""
    commitments: CommitmentFolder
    """The folder of requests for storage commitment."""
    rejected: Callable[[Rejection, str, str, str], None]
    """Called with each rejection, the called and calling AE title of the request, and the address."""
    request_seconds: float
    """Seconds that an association request may take (the ARTIM timer of PS3.8 section 9.1.5)."""
    network_seconds: float
    """Seconds that a peer may be silent within a message."""
    idle_seconds: float
    """Seconds that a peer may be silent between messages."""


@dataclass(frozen=True, slots=True)
class _End:
    """The end of an association, or of a connection without one."""

    words: str
    last_pdu: bytes = b""
    """The last PDU to send; empty: none."""
    is_orderly: bool = False


_REJECTED = _End("rejected")
_RELEASED = _End("released", is_orderly=True)


class Association:
    """An association of a node.

    Args:
        transport: the connection.
        peer: the address and port it comes from.
        node: what all associations of the node share.
        files: those of the thread that serves it.
    """

    def __init__(self, *, transport: Transport, peer: tuple[str, int], node: NodeServices, files: FileSupply) -> None:
        self._transport = transport
        self._address, self._port = peer
        self._node = node
        self._files = files
        self._wire = Wire(transport=transport, before_reuse=self._flush)
        self._proposal: Proposal | None = None
        self._services: Services | None = None
        self._messages: Messages | None = None
        self._counted = False
        self._waiting = True
        self._finishing = False
        self._began = time.monotonic()

    @property
    def established(self) -> bool:
        """Whether the caller has been admitted."""
        return self._messages is not None

    @property
    def is_busy(self) -> bool:
        """Whether a message is on its way here, or being served."""
        return self.established and not self._waiting

    def finish(self) -> None:
        """End as soon as the message in hand, if there is one, has been answered. May be called from any thread."""
        self._finishing = True
        if self._waiting:
            self._transport.stop_reading()

    def close(self) -> None:
        """End now. May be called from any thread."""
        self._transport.stop_reading()

    def serve(self) -> None:
        """Serve the association until it has ended, and close its connection. Nothing that a peer does raises."""
        try:
            self._open()
            self._request()
            end = self._serve() if self._messages else _REJECTED
        except ProtocolFault as fault:
            end = _End(f"aborted: {fault}", pdu.a_abort(fault.reason))
        except Silent as silence:
            # A connection whose request never comes is closed without a word (PS3.8 table 9-10, action AA-2).
            end = _End(f"aborted: {silence}", pdu.USER_ABORT if self.established else b"")
        except Ended:
            end = _End("aborted: the node stops", pdu.USER_ABORT) if self._finishing else _End("connection lost")
        except OSError as error:
            end = _End(f"connection failed: {error.strerror or error}")
        if self._messages is not None:
            self._messages.discard()
        self._wire.close()
        self._leave()
        self._say_last(end.last_pdu)
        self._tell(end)

    def _open(self) -> None:
        try:
            self._transport.open(seconds=self._node.request_seconds)
        except (NothingSaid, Silent):
            raise
        except OSError as error:
            reason = why_no_handshake(error)
            log.warning("TLS handshake failed", reason=reason, peer=self._address)
            rejection = reject(Cause.TLS, node=self._node.name, address=self._address, detail=reason)
            self._node.rejected(rejection, "", "", self._address)
            raise

    def _request(self) -> None:
        """Wait for the association request, and answer it."""
        self._wire.deadline = self._began + self._node.request_seconds
        pdu_type, length = self._header()
        if pdu_type != PduType.A_ASSOCIATE_RQ:
            raise _unexpected(pdu_type)
        request = pdu.HEADER.pack(pdu_type, length) + self._wire.take(length)
        self._wire.deadline = None
        try:
            proposal = self._node.negotiator.negotiate(request)
        except ValueError as error:
            raise ProtocolFault(AbortReason.INVALID_PARAMETER, "the association request is malformed") from error
        rejection = self._admit(proposal)
        if rejection is not None:
            self._reject(rejection, proposal)
            return
        self._proposal, self._counted = proposal, True
        self._services = Services(
            contexts=proposal.contexts,
            maximum_length=proposal.maximum_length,
            origin=Origin(
                node=self._node.name,
                calling_ae_title=proposal.calling_ae_title,
                called_ae_title=proposal.called_ae_title,
                address=self._address,
                port=self._port,
            ),
            files=self._files,
            full=self._node.full,
            announce=self._node.announce,
            commitments=self._node.commitments,
            send=self._transport.send,
        )
        self._messages = Messages(wire=self._wire, contexts=proposal.contexts, begin=self._services.begin)
        self._transport.send(proposal.acceptance)

    def _admit(self, proposal: Proposal) -> Rejection | None:
        """Count the association, or return why it is refused."""
        policy = self._node.policy
        called, calling = proposal.called_ae_title, proposal.calling_ae_title

        def decide(open_here: int, open_of_ae_title: int, open_of_address: int) -> Rejection | None:
            rejection = policy.rejection(
                called=called,
                calling=calling,
                address=self._address,
                open_here=open_here,
                open_of_ae_title=open_of_ae_title,
                open_of_address=open_of_address,
                application_context=proposal.application_context_name,
                protocol_version=proposal.protocol_version,
            )
            if rejection is not None or policy.is_probe(calling) or not (full := self._node.full()):
                return rejection
            return reject(
                Cause.OUT_OF_SPACE,
                node=self._node.name,
                called=called,
                calling=calling,
                address=self._address,
                detail=full,
            )

        return self._node.census.enter(calling=calling, address=self._address, decide=decide)

    def _reject(self, rejection: Rejection, proposal: Proposal) -> None:
        log.warning("association rejected", reason=rejection.words, advice=rejection.advice, peer=self._address)
        self._node.rejected(rejection, proposal.called_ae_title, proposal.calling_ae_title, self._address)
        self._say_last(pdu.a_associate_rj(result=rejection.result, source=rejection.source, reason=rejection.reason))

    def _serve(self) -> _End:
        """Serve messages until the peer ends the association; returns how it did."""
        wire, messages = self._wire, self._messages
        if messages is None:
            raise RuntimeError("there is no association to serve")
        while True:
            self._waiting = wire.is_empty and messages.none_in_hand
            if self._waiting and self._finishing:
                raise Ended("the node stops")
            wire.patience = self._node.idle_seconds if self._waiting else self._node.network_seconds
            pdu_type, length = self._header()
            self._waiting = False
            if pdu_type == PduType.P_DATA_TF:
                wire.patience = self._node.network_seconds
                messages.p_data(length)
            elif pdu_type == PduType.A_RELEASE_RQ:
                wire.take(length)
                self._leave()  # a caller at its limit may open the next association at once
                self._transport.send(pdu.A_RELEASE_RP)
                return _RELEASED
            elif pdu_type == PduType.A_ABORT:
                return _End("aborted by the peer")
            else:
                raise _unexpected(pdu_type)

    def _header(self) -> tuple[int, int]:
        """Read the header of a PDU; returns its type and length."""
        start = self._wire.need(pdu.HEADER.size)
        pdu_type, length = pdu.HEADER.unpack_from(self._wire.view, start)
        self._wire.use(pdu.HEADER.size)
        if length > pdu.MAXIMUM_LENGTH:
            raise ProtocolFault(AbortReason.INVALID_PARAMETER, f"the peer announced a PDU of {length} bytes")
        return pdu_type, length

    def _flush(self) -> None:
        if self._messages is not None:
            self._messages.flush()

    def _leave(self) -> None:
        """Let the association be counted no more."""
        if self._counted and self._proposal is not None:
            self._counted = False
            self._node.census.leave(calling=self._proposal.calling_ae_title, address=self._address)

    def _say_last(self, last_pdu: bytes) -> None:
        """Send a PDU after which the peer closes the connection, if there is one, and close ours."""
        try:
            if last_pdu:
                self._transport.send(last_pdu)
        except OSError:
            last_pdu = b""
        self._transport.close(lingering_seconds=LINGER_SECONDS if last_pdu else 0.0)

    def _tell(self, end: _End) -> None:
        """Write one line about the association into the log."""
        if self._proposal is None or self._services is None:
            if end is not _REJECTED:
                log.debug("no association", how=end.words, peer=self._address)
            return
        calling = self._proposal.calling_ae_title
        if self._node.policy.is_probe(calling):
            return
        (log.info if end.is_orderly else log.warning)(
            "association ended",
            how=end.words,
            calling_ae_title=calling,
            peer=self._address,
            objects=self._services.stored,
            refused=self._services.failed,
            echoes=self._services.echoes,
            seconds=round(time.monotonic() - self._began, 3),
        )


def _unexpected(pdu_type: int) -> ProtocolFault:
    try:
        name = PduType(pdu_type).name
    except ValueError:
        return ProtocolFault(AbortReason.UNRECOGNIZED_PDU, f"a PDU of unknown type 0x{pdu_type:02X} came")
    return ProtocolFault(AbortReason.UNEXPECTED_PDU, f"an unexpected {name} came")
