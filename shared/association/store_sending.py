"""C-STORE requests sent in pieces over an open association, so that no data set is in memory as a whole.

pynetdicom sends an object from memory or from a file, and puts all of it into its queue at once. These functions use
its parts below that: its encoder of messages, the queue of its upper layer and the state of that (PS3.8 section 9.2.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pynetdicom.association import Association
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import P_DATA

from shared.errors import DosewireError

SHORTEST_PDU = 128
"""The least maximum length, in bytes, that is believed of a peer."""
HEADER_BYTES = 6
"""The bytes of a PDU beside the data: length of its only item, context, control header (PS3.8 section 9.3.5)."""
MOST_MESSAGE_ID = 0xFFFF
Pdu = P_DATA
_LOW = 2
_DATA_SET_FOLLOWS = 0x0001
_NOT_LAST, _LAST = b"\x00", b"\x02"
"""Message control headers of fragments of a data set (PS3.8 annex E.2)."""
_ESTABLISHED = "Sta6"
"""The state of PS3.8 section 9.2.1 in which data may be sent."""


class UnexpectedMessage(DosewireError):
    """The peer has answered a C-STORE request with something else."""


@dataclass(frozen=True, slots=True)
class StoreResponse:
    """The answer to a C-STORE request (PS3.7 section 9.3.1.2)."""

    status: int
    comment: str
    """Error Comment (0000,0902), as the peer has written it; empty where there is none."""


def longest_pdu(association: Association) -> int:
    """Return the longest PDU that the peer accepts, in bytes; 0: any."""
    said = association.dimse.maximum_pdu_size or 0
    return max(said, SHORTEST_PDU) if said else 0


def store_request(
    association: Association, *, context_id: int, message_id: int, sop_class_uid: str, sop_instance_uid: str
) -> Iterator[Pdu]:
    """Yield the PDUs of a C-STORE request whose data set follows by itself.

    Raises:
        ValueError: a UID is not one.
    """
    request = C_STORE()
    request.MessageID = message_id
    request.AffectedSOPClassUID = sop_class_uid
    request.AffectedSOPInstanceUID = sop_instance_uid
    request.Priority = _LOW
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    message.command_set.CommandDataSetType = _DATA_SET_FOLLOWS
    return message.encode_msg(context_id, longest_pdu(association))


def fragment(context_id: int, data: bytes, *, last: bool) -> Pdu:
    """Return the PDU of a piece of a data set."""
    pdu = Pdu()
    pdu.presentation_data_value_list.append((context_id, (_LAST if last else _NOT_LAST) + data))
    return pdu


def send(association: Association, pdu: Pdu) -> None:
    """Put a PDU into the queue of the upper layer, which sends it as soon as the network takes it."""
    association.dul.send_pdu(pdu)


def waiting_pdus(association: Association) -> int:
    """Return the number of PDUs that wait for the network."""
    return association.dul.to_provider_queue.qsize()


def is_open(association: Association) -> bool:
    """Tell whether data can be sent: neither side has ended the association."""
    return association.dul.state_machine.current_state == _ESTABLISHED


def next_response(association: Association) -> StoreResponse | None:
    """Return the answer to a C-STORE request; None where none has come within the association's DIMSE time-out.

    Raises:
        UnexpectedMessage: something else has come.
    """
    _, message = association.dimse.get_msg(block=True)
    if message is None:
        return None
    if not isinstance(message, C_STORE) or message.Status is None:
        raise UnexpectedMessage("answers a C-STORE with something else")
    return StoreResponse(int(message.Status), str(getattr(message, "ErrorComment", None) or ""))
