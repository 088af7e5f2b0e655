"""A request to a simulated PACS (C-FIND, C-MOVE or C-GET), and the means to answer to it, correctly or not."""

import threading
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_ECHO, C_FIND, C_GET, C_MOVE
from pynetdicom.dsutils import decode, encode

SUCCESS = 0x0000
PENDING = 0xFF00
CANCELLED = 0xFE00
SOME_FAILED = 0xB000
OUT_OF_RESOURCES = 0xA700
CANNOT_SEND = 0xA702
DESTINATION_UNKNOWN = 0xA801
UIDS_ARE_NONSENSE = 0xA900

Message = C_ECHO | C_FIND | C_MOVE | C_GET


class Request:
    """A request and the association it came over.

    Args:
        association: of the caller.
        message: what it has sent.
        context_id: the presentation context; it is Implicit VR Little Endian.
        over: set when the PACS ends; scripts that wait give up.
    """

    def __init__(
        self, *, association: Association, message: Message, context_id: int, over: threading.Event | None = None
    ) -> None:
        self._association = association
        self._message = message
        self._context_id = context_id
        self._over = over or threading.Event()

    @property
    def operation(self) -> str:
        """`C_ECHO`, `C_FIND`, `C_MOVE` or `C_GET`."""
        return type(self._message).__name__

    @property
    def message_id(self) -> int:
        """Its Message ID."""
        return self._message.MessageID or 0

    @property
    def identifier(self) -> Dataset:
        """Its keys. A C-ECHO has none."""
        data = getattr(self._message, "Identifier", None) or BytesIO()
        data.seek(0)
        return decode(data, is_implicit_vr=True, is_little_endian=True)

    @property
    def destination(self) -> str:
        """The Move Destination of a C-MOVE."""
        return str(getattr(self._message, "MoveDestination", "")).strip()

    @property
    def cancelled(self) -> bool:
        """Whether a C-CANCEL has come."""
        return self._message.MessageID in self._association.dimse.cancel_req

    @property
    def alive(self) -> bool:
        """True while the caller is connected."""
        return bool(self._association.is_established) and not self._over.is_set()

    def answer(self, identifier: Dataset | bytes) -> None:
        """Send a pending response to a C-FIND, with a data set or what is none."""
        encoded = identifier if isinstance(identifier, bytes) else encode(identifier, True, True) or b""
        self._send(PENDING, {"Identifier": BytesIO(encoded)})

    def respond(self, status: int, **suboperations: int) -> None:
        """Send a response; `suboperations` as in `completed=3`."""
        self._send(status, {f"NumberOf{name.title()}Suboperations": number for name, number in suboperations.items()})

    def store(self, data_set: Dataset) -> int | None:
        """Send an object as a sub-operation of a C-GET; the status of the answer, None where there is none."""
        self._association._is_paused = True  # as pynetdicom's own services do, which are left out here
        try:
            status: int | None = self._association.send_c_store(data_set).get("Status")
        except (ValueError, RuntimeError):  # not agreed on, or gone
            return None
        finally:
            self._association._is_paused = False
        return status

    def send_bytes(self, content: bytes) -> None:
        """Send bytes as they are, beside the protocol."""
        transport = self._association.dul.socket
        assert transport is not None
        assert transport.socket is not None
        transport.socket.sendall(content)

    def wait(self, seconds: float) -> None:
        """Stay silent; the end of the PACS cuts it short."""
        self._over.wait(seconds)

    def abort(self) -> None:
        """Drop the association."""
        self._association.abort(block=False)

    def _send(self, status: int, attributes: dict[str, Any]) -> None:
        response = type(self._message)()
        response.MessageIDBeingRespondedTo = self._message.MessageID
        response.AffectedSOPClassUID = self._message.AffectedSOPClassUID
        response.Status = status
        for name, value in attributes.items():
            setattr(response, name, value)
        self._association.dimse.send_msg(response, self._context_id)
