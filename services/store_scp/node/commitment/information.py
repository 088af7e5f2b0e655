"""The content of an N-ACTION request for storage commitment (PS3.4 section J.3.2), checked. Pure functions.

The statuses are those of PS3.7 section 10.1.4.1.10, as far as PS3.4 lets a Storage Commitment SCP use them.
"""

import re
from collections.abc import Iterator

from services.store_scp.common.commitment_request import Reference
from services.store_scp.node.protocol.command_set import CommandSet, Element
from shared.dicom.dataset import MAX_SEQUENCE_ITEMS, DataSet
from shared.dicom.elements import Source
from shared.dicom.status import (
    INVALID_ARGUMENT_VALUE,
    NO_SUCH_ACTION,
    NO_SUCH_SOP_CLASS,
    NO_SUCH_SOP_INSTANCE,
    RESOURCE_LIMITATION,
)
from shared.dicom.uid import (
    EXPLICIT_BIG_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    STORAGE_COMMITMENT,
    STORAGE_COMMITMENT_INSTANCE,
)
from shared.errors import DosewireError, UnreadableObject

REQUEST_STORAGE_COMMITMENT = 1
"""The Action Type ID."""
MAXIMUM_REFERENCES = MAX_SEQUENCE_ITEMS
"""Objects that one request may name."""

_TRANSACTION_UID = 0x00081195
_REFERENCED_SOP_SEQUENCE = 0x00081199
_REFERENCED_SOP_CLASS_UID = 0x00081150
_REFERENCED_SOP_INSTANCE_UID = 0x00081155
_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)


class NotAccepted(DosewireError):
    """The request cannot be accepted: the status to answer, and why in at most 64 characters (Error Comment)."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def check_command(request: CommandSet) -> None:
    """Check that an N-ACTION request names the supported SOP class, instance and action.

    Raises:
        NotAccepted: it does not.
    """
    if request.text(Element.REQUESTED_SOP_CLASS_UID) != STORAGE_COMMITMENT:
        raise NotAccepted(NO_SUCH_SOP_CLASS, "only the Storage Commitment Push Model has actions here")
    if request.text(Element.REQUESTED_SOP_INSTANCE_UID) != STORAGE_COMMITMENT_INSTANCE:
        raise NotAccepted(NO_SUCH_SOP_INSTANCE, "this is not the well-known SOP Instance of its class")
    if request.number(Element.ACTION_TYPE_ID) != REQUEST_STORAGE_COMMITMENT:
        raise NotAccepted(NO_SUCH_ACTION, "the only Action Type ID is 1")


def decode(encoded: bytes, *, transfer_syntax_uid: str) -> tuple[str, tuple[Reference, ...]]:
    """Return the Transaction UID and the references of a request, each once.

    Raises:
        NotAccepted: they are missing, or not what they should be.
    """
    source = Source(
        encoded,
        implicit=transfer_syntax_uid == IMPLICIT_LITTLE_ENDIAN,
        little=transfer_syntax_uid != EXPLICIT_BIG_ENDIAN,
    )
    try:
        information = DataSet(source, 0, len(encoded), limit=len(encoded))
        transaction_uid = _uid(information, _TRANSACTION_UID, "Transaction UID")
        references = tuple(dict.fromkeys(_references(information)))
    except UnreadableObject as error:
        raise NotAccepted(INVALID_ARGUMENT_VALUE, str(error)) from error
    if not references:
        raise NotAccepted(INVALID_ARGUMENT_VALUE, "Referenced SOP Sequence is missing or empty")
    return transaction_uid, references


def _references(information: DataSet) -> Iterator[Reference]:
    for count, item in enumerate(_items(information), start=1):
        yield Reference(
            _uid(item, _REFERENCED_SOP_CLASS_UID, f"Referenced SOP Class UID {count}"),
            _uid(item, _REFERENCED_SOP_INSTANCE_UID, f"Referenced SOP Instance UID {count}"),
        )


def _items(information: DataSet) -> Iterator[DataSet]:
    count = 0
    try:
        for item in information.items(_REFERENCED_SOP_SEQUENCE):
            count += 1
            yield item
    except UnreadableObject as error:
        if count == MAXIMUM_REFERENCES:
            words = f"more than {MAXIMUM_REFERENCES} objects in one request"
            raise NotAccepted(RESOURCE_LIMITATION, words) from error
        raise


def _uid(data_set: DataSet, tag: int, name: str) -> str:
    uid = data_set.first(tag) or ""
    if not _UID.fullmatch(uid):
        raise NotAccepted(INVALID_ARGUMENT_VALUE, f"{name} is missing or is not a UID")
    return uid
