"""A Storage SCU that sends exactly the bytes it is given, correct or not, with pynetdicom below it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pydicom.uid import UID
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import build_context

from tools.stack.ports import LOOPBACK

SOP_CLASS = "1.2.840.10008.5.1.4.1.1.88.67"
IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"


@contextmanager
def association(
    port: int, contexts: Sequence[tuple[str, Sequence[str]]] = ((SOP_CLASS, (IMPLICIT_LITTLE_ENDIAN,)),)
) -> Iterator[Association]:
    """Open an association with these abstract syntaxes and the transfer syntaxes of each."""
    entity = AE(ae_title="RAWSCU")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    entity.requested_contexts = [build_context(uid, list(syntaxes)) for uid, syntaxes in contexts]
    opened = entity.associate(LOOPBACK, port, ae_title="DOSEWIRE")
    assert opened.is_established
    try:
        yield opened
    finally:
        if opened.is_established:
            opened.release()


def c_store(
    opened: Association,
    data_set: bytes | None,
    *,
    sop_class_uid: str | None = SOP_CLASS,
    sop_instance_uid: str | None = "2.25.1",
    context: int = 0,
) -> Any:
    """Send one C-STORE request; returns the response, None when the peer aborted instead."""
    request = C_STORE()
    request.MessageID = 1
    # Past the setters, which refuse what a broken device sends.
    request._affected_sop_class_uid = UID(sop_class_uid) if sop_class_uid else None
    request._affected_sop_instance_uid = UID(sop_instance_uid) if sop_instance_uid else None
    request.Priority = 0
    request.DataSet = BytesIO(data_set) if data_set is not None else None
    opened._reactor_checkpoint.clear()
    while not opened._is_paused:
        time.sleep(0.001)
    try:
        opened.dimse.send_msg(request, opened.accepted_contexts[context].context_id or 1)
        _, response = opened.dimse.get_msg(block=True)
    finally:
        opened._reactor_checkpoint.set()
    return response
