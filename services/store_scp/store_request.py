"""One C-STORE request: what it says, whether it can be taken, and how it gets into the spool."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.reception import PrivateInformation, file_meta_bytes
from shared.spool import Spool

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000

_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRequest:
    """The command set of a C-STORE request (PS3.7 section 9.3.1.1) and where it comes from."""

    sop_class_uid: str | None
    sop_instance_uid: str | None
    transfer_syntax_uid: str
    message_id: int
    calling_ae_title: str
    called_ae_title: str
    peer_address: str
    peer_port: int
    move_originator_ae_title: str | None = None
    move_originator_message_id: int | None = None


def problem_of(request: StoreRequest, *, size: int) -> str | None:
    """Return why a request with a data set of `size` bytes cannot be taken, in at most 64 characters; None: it can.

    UIDs are checked for characters and length only. Devices write numbers with leading zeros, and to refuse a dose
    report for that would lose it.
    """
    if not _is_uid(request.sop_class_uid):
        return "Affected SOP Class UID is missing or is not a UID"
    if not _is_uid(request.sop_instance_uid):
        return "Affected SOP Instance UID is missing or is not a UID"
    if size == 0:
        return "the request has no data set"
    return None


def store(request: StoreRequest, data_set: memoryview, *, node: str, spool: Spool) -> str:
    """Make an object durable in `incoming/`, its data set untouched; returns its trace id.

    Raises:
        OSError: it could not be written; nothing of it stays.
    """
    with spool.receive() as reception:
        reception.write(
            file_meta_bytes(
                sop_class_uid=request.sop_class_uid or "",
                sop_instance_uid=request.sop_instance_uid or "",
                transfer_syntax_uid=request.transfer_syntax_uid,
                calling_ae_title=request.calling_ae_title,
                called_ae_title=request.called_ae_title,
                peer_address=request.peer_address,
                peer_port=request.peer_port,
                private_information=PrivateInformation(
                    trace_id=reception.trace_id,
                    source="c_store",
                    received_at=datetime.now(UTC),
                    node=node,
                    message_id=request.message_id,
                    move_originator_ae_title=request.move_originator_ae_title,
                    move_originator_message_id=request.move_originator_message_id,
                ),
            )
        )
        reception.write(data_set)
        reception.commit()
    return reception.trace_id


def _is_uid(text: str | None) -> bool:
    return text is not None and _UID.fullmatch(text) is not None
