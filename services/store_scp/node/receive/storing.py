"""The data set of one C-STORE (PS3.7 section 9.1.1): it goes into a file of the spool as it comes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from services.store_scp.node.protocol.command_set import CommandSet, Element
from services.store_scp.node.protocol.operation import Origin
from shared.dicom.status import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, SUCCESS
from shared.logging import get_logger
from shared.spool.file_meta import PrivateInformation, file_meta_bytes
from shared.spool.incoming import Incoming, IncomingFile
from shared.spool.trace import new_trace_id

_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)

log = get_logger(__name__)


class FileSupply:
    """Files for the objects that one thread receives; the next is made while the sender is busy with its object."""

    def __init__(self, *, incoming: Incoming) -> None:
        self._incoming = incoming
        self._next: IncomingFile | None = None
        self._was_needed = False

    def prepare(self) -> None:
        """Make a file in advance, where one was needed before. Where that fails, `take` will say so."""
        if self._next is None and self._was_needed:
            try:
                self._next = self._incoming.create()
            except OSError as error:
                log.debug("no file in advance", error=str(error))

    def take(self) -> IncomingFile:
        """Return an empty file.

        Raises:
            OSError: it cannot be created.
        """
        self._was_needed = True
        file, self._next = self._next, None
        if file is not None:
            if file.usable:
                return file
            file.discard()
        return self._incoming.create()

    def close(self) -> None:
        """Discard the file that was made in advance."""
        if self._next is not None:
            self._next.discard()
            self._next = None


class Storing:
    """A C-STORE whose request has come and whose data set is on its way.

    Args:
        request: the command set.
        transfer_syntax_uid: in which the data set is encoded.
        origin: where it comes from.
        files: where to write it.
        full: why nothing may be stored now; None: something may.
        announce: told the trace id of the object when it is safe; must not block.
    """

    def __init__(
        self,
        *,
        request: CommandSet,
        transfer_syntax_uid: str,
        origin: Origin,
        files: FileSupply,
        full: str | None,
        announce: Callable[[str], None],
    ) -> None:
        self.trace_id = new_trace_id()
        self.size = 0
        """Bytes of the data set that have come."""
        self.status = SUCCESS
        self.comment = ""
        self._announce = announce
        self._pieces: list[bytes | memoryview] = []
        self._file: IncomingFile | None = None
        problem = problem_of(request)
        if problem:
            self._fail(CANNOT_UNDERSTAND, problem)
        elif full:
            self._fail(OUT_OF_RESOURCES, full)
        else:
            self._open(request, transfer_syntax_uid, origin, files)

    def write(self, piece: memoryview) -> None:
        """Take the next bytes of the data set; they may be written later, but before `flush` returns."""
        self.size += len(piece)
        if self._file is not None:
            self._pieces.append(piece)

    def flush(self) -> None:
        """Write what has been taken."""
        if self._file is None or not self._pieces:
            return
        try:
            self._file.write(self._pieces)
        except OSError as error:
            self._not_written(error)
        self._pieces = []

    def finish(self) -> None:
        """Make the object durable, and set `status` and `comment` for the answer."""
        if self._file is not None and not self.size:
            self._fail(CANNOT_UNDERSTAND, "the request has no data set")
        self.flush()
        if self._file is None:
            return
        try:
            self._file.commit(self.trace_id)
        except OSError as error:
            self._not_written(error)
            return
        self._file = None
        self._announce(self.trace_id)

    def discard(self) -> None:
        """Let go of what came of an object whose rest will not come."""
        self._pieces = []
        if self._file is not None:
            self._file.discard()
            self._file = None

    def _open(self, request: CommandSet, transfer_syntax_uid: str, origin: Origin, files: FileSupply) -> None:
        try:
            self._file = files.take()
        except OSError as error:
            self._not_written(error)
            return
        private_information = PrivateInformation(
            trace_id=self.trace_id,
            source="c_store",
            received_at=datetime.now(UTC),
            node=origin.node,
            message_id=request.number(Element.MESSAGE_ID),
            move_originator_ae_title=request.text(Element.MOVE_ORIGINATOR_AE_TITLE),
            move_originator_message_id=request.number(Element.MOVE_ORIGINATOR_MESSAGE_ID),
        )
        self._pieces.append(
            file_meta_bytes(
                sop_class_uid=request.text(Element.AFFECTED_SOP_CLASS_UID) or "",
                sop_instance_uid=request.text(Element.AFFECTED_SOP_INSTANCE_UID) or "",
                transfer_syntax_uid=transfer_syntax_uid,
                calling_ae_title=origin.calling_ae_title,
                called_ae_title=origin.called_ae_title,
                peer_address=origin.address,
                peer_port=origin.port,
                private_information=private_information,
            )
        )

    def _not_written(self, error: OSError) -> None:
        log.error("object not stored", trace_id=self.trace_id, error=str(error))
        self._fail(OUT_OF_RESOURCES, error.strerror or "the object could not be written")

    def _fail(self, status: int, comment: str) -> None:
        self.status, self.comment = status, comment
        self.discard()


def problem_of(request: CommandSet) -> str | None:
    """Return why a request cannot be taken, in at most 64 characters; None: it can.

    UIDs are checked for characters and length only. Devices write numbers with leading zeros, and to refuse a dose
    report for that would lose it.
    """
    for element, name in (
        (Element.AFFECTED_SOP_CLASS_UID, "Affected SOP Class UID"),
        (Element.AFFECTED_SOP_INSTANCE_UID, "Affected SOP Instance UID"),
    ):
        if not _UID.fullmatch(request.text(element) or ""):
            return f"{name} is missing or is not a UID"
    return None
