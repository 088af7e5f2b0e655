"""The services of a store node: the operation for each request of C-STORE, C-ECHO, and N-ACTION for storage commitment.

Other requests are answered with a failure status.
"""

from collections.abc import Callable, Mapping

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.node.commitment.action import Action
from services.store_scp.node.protocol import pdu
from services.store_scp.node.protocol.command_set import IS_RESPONSE, CommandField, CommandSet, Element, response_to
from services.store_scp.node.protocol.negotiation import AcceptedContext
from services.store_scp.node.protocol.operation import Operation, Origin
from services.store_scp.node.receive.storing import FileSupply, Storing
from shared.dicom.status import SOP_CLASS_NOT_SUPPORTED, SUCCESS, UNRECOGNIZED_OPERATION
from shared.dicom.uid import STORAGE_COMMITMENT, VERIFICATION
from shared.logging import get_logger

SERVICES = (VERIFICATION, STORAGE_COMMITMENT)
"""The abstract syntaxes beside those of storage."""

log = get_logger(__name__)


class Services:
    """The services of one association.

    Args:
        contexts: the accepted presentation contexts by their IDs.
        maximum_length: of the PDUs that the peer receives; 0: no limit.
        origin: where objects come from.
        files: where they go.
        full: returns why nothing may be stored now, or None.
        announce: told the trace id of each object that is safe.
        commitments: where requests for storage commitment go.
        send: sends PDUs to the peer.
    """

    def __init__(
        self,
        *,
        contexts: Mapping[int, AcceptedContext],
        maximum_length: int,
        origin: Origin,
        files: FileSupply,
        full: Callable[[], str | None],
        announce: Callable[[str], None],
        commitments: CommitmentFolder,
        send: Callable[[bytes], None],
    ) -> None:
        self.stored = self.failed = self.echoes = 0
        """The numbers of objects stored and not stored, and of C-ECHO requests answered."""
        self._contexts = contexts
        self._maximum_length = maximum_length
        self._origin = origin
        self._files = files
        self._full = full
        self._announce = announce
        self._commitments = commitments
        self._send = send

    def begin(self, request: CommandSet, context_id: int) -> Operation | None:
        """Begin to serve a request; return the receiver of its data set, None where it is not wanted.

        Raises:
            OSError: the answer could not be sent.
        """
        command = request.number(Element.COMMAND_FIELD) or 0
        abstract_syntax = self._contexts[context_id].abstract_syntax
        if command == CommandField.C_STORE and abstract_syntax not in SERVICES:
            return self._begin_storing(request, context_id)
        if command == CommandField.N_ACTION and abstract_syntax == STORAGE_COMMITMENT:
            return self._begin_action(request, context_id)
        if command == CommandField.C_ECHO:
            self.echoes += 1
            self._respond(request, context_id, SUCCESS)
        elif command == CommandField.C_STORE:
            self._respond(request, context_id, SOP_CLASS_NOT_SUPPORTED)
        elif not command & IS_RESPONSE and command != CommandField.C_CANCEL:
            log.warning("request not served", command_field=f"0x{command:04X}", peer=self._origin.address)
            self._respond(request, context_id, UNRECOGNIZED_OPERATION)
        return None

    def _begin_storing(self, request: CommandSet, context_id: int) -> Operation | None:
        storing = Storing(
            request=request,
            transfer_syntax_uid=self._contexts[context_id].transfer_syntax,
            origin=self._origin,
            files=self._files,
            full=self._full(),
            announce=self._announce,
        )
        operation = _AnsweredStoring(storing=storing, answer=lambda: self._end_storing(storing, request, context_id))
        if request.has_data_set:
            return operation
        operation.finish()
        return None

    def _begin_action(self, request: CommandSet, context_id: int) -> Operation | None:
        action = Action(
            request=request,
            transfer_syntax_uid=self._contexts[context_id].transfer_syntax,
            origin=self._origin,
            folder=self._commitments,
            full=self._full(),
            respond=lambda status, comment: self._respond(request, context_id, status, comment=comment),
        )
        if request.has_data_set:
            return action
        action.finish()
        return None

    def _end_storing(self, storing: Storing, request: CommandSet, context_id: int) -> None:
        if storing.status == SUCCESS:
            self.stored += 1
        else:
            self.failed += 1
            log.warning(
                "object refused",
                status=f"0x{storing.status:04X}",
                reason=storing.comment,
                calling_ae_title=self._origin.calling_ae_title,
                peer=self._origin.address,
            )
        self._respond(request, context_id, storing.status, comment=storing.comment)
        if self.stored + self.failed > 1:  # after the first, a release is as likely as another object, and waits for us
            self._files.prepare()

    def _respond(self, request: CommandSet, context_id: int, status: int, *, comment: str = "") -> None:
        response = response_to(request, status, comment=comment)
        self._send(pdu.p_data(context_id, response, control=pdu.COMMAND, maximum_length=self._maximum_length))


class _AnsweredStoring:
    """A C-STORE that is answered when it has ended."""

    def __init__(self, *, storing: Storing, answer: Callable[[], None]) -> None:
        self.write = storing.write
        self.flush = storing.flush
        self.discard = storing.discard
        self._storing = storing
        self._answer = answer

    def finish(self) -> None:
        self._storing.finish()
        self._answer()
