"""DIMSE messages put together from the PDVs that carry them (PS3.7 section 6.3, PS3.8 annex E)."""

from collections.abc import Callable, Mapping

from services.store_scp.node.protocol import pdu
from services.store_scp.node.protocol.command_set import CommandSet
from services.store_scp.node.protocol.negotiation import AcceptedContext
from services.store_scp.node.protocol.operation import Operation
from services.store_scp.node.protocol.pdu import AbortReason, ProtocolFault
from services.store_scp.node.protocol.wire import Wire

_LONGEST_COMMAND = 64 * 1024


class Messages:
    """The messages of one association.

    Args:
        wire: where the PDUs come from.
        contexts: the accepted presentation contexts by their IDs.
        begin: called with the command set of a message and its presentation context ID; returns the receiver of its
            data set, None where it has none or it is not wanted.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        contexts: Mapping[int, AcceptedContext],
        begin: Callable[[CommandSet, int], Operation | None],
    ) -> None:
        self._wire = wire
        self._contexts = contexts
        self._begin = begin
        self._context_id = 0
        self._command = bytearray()
        self._data_set_expected = False
        self._operation: Operation | None = None

    @property
    def none_in_hand(self) -> bool:
        """Whether no message has begun to arrive."""
        return not self._command and not self._data_set_expected

    def flush(self) -> None:
        """Be done with all bytes that the wire has handed out."""
        if self._operation is not None:
            self._operation.flush()

    def discard(self) -> None:
        """Forget a message whose rest will not come."""
        if self._operation is not None:
            self._operation.discard()
            self._operation = None

    def p_data(self, length: int) -> None:
        """Read the presentation data values of a P-DATA-TF PDU whose header has been read.

        Args:
            length: of what follows the header, in bytes.

        Raises:
            ProtocolFault: they are not what the standard allows.
            OSError: the connection failed, ended, or the peer was silent.
        """
        wire = self._wire
        while length:
            if length < pdu.PDV_HEADER.size:
                raise ProtocolFault(AbortReason.INVALID_PARAMETER, "a P-DATA-TF PDU ends within an item")
            start = wire.need(pdu.PDV_HEADER.size)
            item_length, context_id, control = pdu.PDV_HEADER.unpack_from(wire.view, start)
            wire.use(pdu.PDV_HEADER.size)
            length -= item_length + 4
            if item_length < 2 or length < 0:
                raise ProtocolFault(AbortReason.INVALID_PARAMETER, "a presentation data value has a wrong length")
            if control & pdu.COMMAND:
                self._command_fragment(context_id, item_length - 2, is_last=bool(control & pdu.LAST))
            else:
                self._data_fragment(context_id, item_length - 2, is_last=bool(control & pdu.LAST))

    def _command_fragment(self, context_id: int, count: int, *, is_last: bool) -> None:
        if self._data_set_expected:
            raise ProtocolFault(AbortReason.UNEXPECTED_PARAMETER, "a command came within a data set")
        if context_id not in self._contexts:
            raise ProtocolFault(AbortReason.INVALID_PARAMETER, f"presentation context {context_id} was not accepted")
        if len(self._command) + count > _LONGEST_COMMAND:
            raise ProtocolFault(AbortReason.INVALID_PARAMETER, "a command set is too long")
        self._context_id = context_id
        for piece in self._wire.pieces(count):
            self._command += piece
        if is_last:
            encoded, self._command = bytes(self._command), bytearray()
            try:
                request = CommandSet(encoded)
            except ValueError as error:
                raise ProtocolFault(AbortReason.INVALID_PARAMETER, str(error)) from error
            self._data_set_expected = request.has_data_set
            self._operation = self._begin(request, context_id)

    def _data_fragment(self, context_id: int, count: int, *, is_last: bool) -> None:
        if not self._data_set_expected or context_id != self._context_id:
            raise ProtocolFault(AbortReason.UNEXPECTED_PARAMETER, "a data set came without its command")
        operation = self._operation
        for piece in self._wire.pieces(count):
            if operation is not None:
                operation.write(piece)
        if is_last:
            self._data_set_expected, self._operation = False, None
            if operation is not None:
                operation.finish()
