"""C-STORE requests sent piece by piece. These tests fail where pynetdicom changes the parts of it that this needs."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.dsutils import encode
from pynetdicom.presentation import build_context

from shared.association.opening import Call, associated
from shared.association.store_sending import (
    HEADER_BYTES,
    SHORTEST_PDU,
    StoreResponse,
    UnexpectedMessage,
    fragment,
    is_open,
    longest_pdu,
    next_response,
    send,
    store_request,
    waiting_pdus,
)
from tests.helpers.qr.scripted_store import (
    COMPUTED_RADIOGRAPHY,
    EXPLICIT_VR_LITTLE_ENDIAN,
    Answer,
    ScriptedStore,
    refuses,
    takes,
)
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

UID_OF_OBJECT = "1.2.826.0.1.3680043.8.498.1"


@contextmanager
def opened(store: ScriptedStore) -> Iterator[tuple[Association, int]]:
    """Open an association; yield it and its presentation context."""
    call = Call(
        host=LOOPBACK,
        port=store.port,
        called_ae_title=store.ae_title,
        calling_ae_title="THEPACS",
        connect=5,
        acse=5,
        answer=5,
    )
    contexts = [build_context(COMPUTED_RADIOGRAPHY, EXPLICIT_VR_LITTLE_ENDIAN)]
    with associated(call, [], contexts=contexts) as association:
        context_id = association.accepted_contexts[0].context_id
        assert context_id is not None
        yield association, context_id


def begin(association: Association, context_id: int, *, uid: str = UID_OF_OBJECT) -> None:
    request = store_request(
        association, context_id=context_id, message_id=7, sop_class_uid=COMPUTED_RADIOGRAPHY, sop_instance_uid=uid
    )
    for pdu in request:
        send(association, pdu)


def encoded_object(size: int) -> bytes:
    data_set = Dataset()
    data_set.SOPClassUID = UID(COMPUTED_RADIOGRAPHY)
    data_set.SOPInstanceUID = UID(UID_OF_OBJECT)
    data_set.PixelData = os.urandom(size)
    data_set["PixelData"].VR = "OB"
    return encode(data_set, is_implicit_vr=False, is_little_endian=True) or b""


def test_an_object_sent_in_pieces_comes_whole() -> None:
    came: list[tuple[int, bytes]] = []

    def keeps(event: evt.Event) -> int:
        came.append((event.message_id, event.encoded_dataset(include_meta=False)))
        return 0x0000

    data = encoded_object(100_000)
    with ScriptedStore(answer=keeps) as store, opened(store) as (association, context_id):
        assert is_open(association)
        begin(association, context_id)
        size = longest_pdu(association) - HEADER_BYTES
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert len(pieces) > 1
        for number, piece in enumerate(pieces, 1):
            send(association, fragment(context_id, piece, last=number == len(pieces)))
        assert next_response(association) == StoreResponse(0x0000, "")
    assert came == [(7, data)]
    assert store.received == [UID_OF_OBJECT]


@pytest.mark.parametrize(
    ("answer", "response"),
    [(takes, StoreResponse(0, "")), (refuses(0xA700, "disk full"), StoreResponse(0xA700, "disk full"))],
)
def test_the_answer_has_the_status_and_the_comment(answer: Answer, response: StoreResponse) -> None:
    with ScriptedStore(answer=answer) as store, opened(store) as (association, context_id):
        begin(association, context_id)
        send(association, fragment(context_id, encoded_object(10), last=True))
        assert next_response(association) == response


def test_no_answer_within_the_time_out() -> None:
    over = threading.Event()

    def waits(_event: evt.Event) -> int:
        over.wait(10)
        return 0x0000

    with ScriptedStore(answer=waits, over=over) as store, opened(store) as (association, context_id):
        association.dimse_timeout = 0.1
        begin(association, context_id)
        send(association, fragment(context_id, encoded_object(10), last=True))
        assert next_response(association) is None
        over.set()


def test_another_message_is_no_answer() -> None:
    with ScriptedStore() as store, opened(store) as (association, context_id):
        association.dimse.msg_queue.put((context_id, C_ECHO()))
        with pytest.raises(UnexpectedMessage, match="something else"):
            next_response(association)


@pytest.mark.filterwarnings("ignore:The value length")
def test_a_uid_that_is_too_long_is_an_error() -> None:
    with ScriptedStore() as store, opened(store) as (association, context_id), pytest.raises(ValueError, match="UID"):
        begin(association, context_id, uid="1." * 33 + "1")


def test_pdus_wait_while_the_network_takes_nothing() -> None:
    with ScriptedStore() as store, opened(store) as (association, context_id):
        assert waiting_pdus(association) == 0
        begin(association, context_id)
        for _ in range(50):
            send(association, fragment(context_id, bytes(16_000), last=False))
        assert waiting_pdus(association) > 0
        deadline = time.monotonic() + 10
        while waiting_pdus(association):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        association.abort()


def test_an_association_that_was_ended_is_not_open() -> None:
    with ScriptedStore() as store, opened(store) as (association, _):
        association.abort()
        assert not is_open(association)


@pytest.mark.parametrize(("said", "taken"), [(0, 0), (1, SHORTEST_PDU), (65_536, 65_536)])
def test_the_longest_pdu_is_what_the_peer_says_but_no_absurd_number(*, said: int, taken: int) -> None:
    store = ScriptedStore()
    store._entity.maximum_pdu_size = said
    with store, opened(store) as (association, _):
        assert longest_pdu(association) == taken
