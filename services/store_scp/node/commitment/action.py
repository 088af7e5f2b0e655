"""One N-ACTION for storage commitment (PS3.7 section 10.1.4): the request is put on disk, then answered."""

from collections.abc import Callable
from datetime import UTC, datetime

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.commitment_request import CommitmentRequest
from services.store_scp.node.commitment.information import (
    NotAccepted,
    check_command,
    decode,
)
from services.store_scp.node.protocol.command_set import CommandSet
from services.store_scp.node.protocol.operation import Origin
from shared.dicom.status import INVALID_ARGUMENT_VALUE, PROCESSING_FAILURE, RESOURCE_LIMITATION, SUCCESS
from shared.logging import get_logger

LONGEST_INFORMATION = 2 * 1024 * 1024
"""Bytes of a data set; 10,000 references in explicit VR have 1.7 million."""
MAXIMUM_WAITING = 10_000
"""Requests that wait for their report; further ones are refused until some have been reported."""

log = get_logger(__name__)


class Action:
    """An N-ACTION whose command set has come and whose data set is on its way.

    Args:
        request: the command set.
        transfer_syntax_uid: in which the data set is encoded.
        origin: where it comes from.
        folder: where accepted requests go.
        full: why nothing may be stored now; None: something may.
        respond: sends the response with this status and Error Comment.
    """

    def __init__(
        self,
        *,
        request: CommandSet,
        transfer_syntax_uid: str,
        origin: Origin,
        folder: CommitmentFolder,
        full: str | None,
        respond: Callable[[int, str], None],
    ) -> None:
        self._request = request
        self._transfer_syntax_uid = transfer_syntax_uid
        self._origin = origin
        self._folder = folder
        self._full = full
        self._respond = respond
        self._information = bytearray()
        self._is_too_long = False

    def write(self, piece: memoryview) -> None:
        """Take the next bytes of the data set."""
        if len(self._information) + len(piece) > LONGEST_INFORMATION:
            self._is_too_long = True
            self.discard()
        if not self._is_too_long:
            self._information += piece

    def flush(self) -> None:
        """Nothing is held back: what was written has been copied."""

    def discard(self) -> None:
        """Forget the request: its rest will not come."""
        self._information = bytearray()

    def finish(self) -> None:
        """Accept the request, or not, and answer it.

        Raises:
            OSError: the answer could not be sent.
        """
        try:
            accepted = self._accept()
        except NotAccepted as refusal:
            log.warning(
                "storage commitment not accepted",
                status=f"0x{refusal.status:04X}",
                reason=str(refusal),
                calling_ae_title=self._origin.calling_ae_title,
                peer=self._origin.address,
            )
            self._respond(refusal.status, str(refusal))
            return
        log.info(
            "storage commitment requested",
            transaction_uid=accepted.transaction_uid,
            objects=len(accepted.references),
            calling_ae_title=accepted.calling_ae_title,
            peer=accepted.peer_address,
        )
        self._respond(SUCCESS, "")

    def _accept(self) -> CommitmentRequest:
        check_command(self._request)
        if self._is_too_long:
            raise NotAccepted(RESOURCE_LIMITATION, "the request is too long")
        if self._full:
            raise NotAccepted(RESOURCE_LIMITATION, self._full)
        if not self._information:
            raise NotAccepted(INVALID_ARGUMENT_VALUE, "the request has no data set")
        transaction_uid, references = decode(bytes(self._information), transfer_syntax_uid=self._transfer_syntax_uid)
        request = CommitmentRequest(
            transaction_uid=transaction_uid,
            references=references,
            requested_at=datetime.now(UTC),
            node=self._origin.node,
            calling_ae_title=self._origin.calling_ae_title,
            called_ae_title=self._origin.called_ae_title,
            peer_address=self._origin.address,
        )
        try:
            if len(self._folder.keys()) >= MAXIMUM_WAITING:
                raise NotAccepted(RESOURCE_LIMITATION, "too many requests wait for their report")
            self._folder.put(request)
        except OSError as error:
            log.error("storage commitment request not stored", error=str(error))
            raise NotAccepted(PROCESSING_FAILURE, error.strerror or "the request could not be stored") from error
        return request
