import gc
import socket
import struct
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.rejection import Cause
from services.store_scp.node.protocol.command_set import CommandField, Element
from shared.spool.file_meta import read_reception
from tests.helpers.store_scp.served_connection import Served
from tools.measure.store_node import wait_until
from tools.peers.raw_pdus import (
    A_ABORT,
    A_RELEASE_RP,
    A_RELEASE_RQ,
    COMMAND,
    LAST,
    SOP_CLASS,
    associate_rq,
    command_set,
    p_data,
    pdu,
    pdv,
    receive_pdu,
    status_of,
    store_command,
    store_message,
)

DATA_SET = b"\x08\0\x60\0\x02\0\0\0SR"
VERIFICATION = "1.2.840.10008.1.1"
SECONDS = 0.6


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(folder=tmp_path)
    yield served
    served.close()


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Served]:
    """One that gives up on silent peers soon."""
    served = Served(folder=tmp_path, seconds=SECONDS)
    yield served
    served.close()


def associated(served: Served, request: bytes | None = None) -> socket.socket:
    connection = served.connect()
    connection.sendall(request or associate_rq())
    assert receive_pdu(connection)[0] == 0x02
    return connection


def answer_to(connection: socket.socket, message: bytes) -> int:
    connection.sendall(message)
    kind, body = receive_pdu(connection)
    assert kind == 0x04, (kind, body)
    return status_of(body)


def abort_of(connection: socket.socket) -> tuple[int, int, int]:
    """Return the PDU type, source and reason of what ends the connection."""
    kind, body = receive_pdu(connection)
    assert receive_pdu(connection) == (0, b"")
    return kind, body[2], body[3]


def test_an_object_is_stored_as_it_came_and_the_association_goes_on(served: Served, tmp_path: Path) -> None:
    connection = associated(served)
    assert answer_to(connection, store_message(DATA_SET * 5000)) == 0x0000
    assert answer_to(connection, store_message(DATA_SET, sop_instance_uid="2.25.2")) == 0x0000
    connection.sendall(A_RELEASE_RQ)
    assert receive_pdu(connection) == (0x06, A_RELEASE_RP[6:])
    assert receive_pdu(connection) == (0, b"")
    assert [content[-len(DATA_SET) :] for content in served.stored()] == [DATA_SET] * 2
    first, second = served.stored()
    assert len(first) - len(second) == len(DATA_SET) * 4999
    assert sorted(served.announced) == sorted(path.stem for path in tmp_path.glob("*.dcm"))
    reception = read_reception(tmp_path / f"{served.announced[0]}.dcm")
    assert (reception.store_node, reception.calling_ae_title, reception.called_ae_title) == (
        "Test node",
        "RAW",
        "DOSEWIRE",
    )


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 999])
def test_bytes_may_come_in_pieces_of_any_size(served: Served, size: int) -> None:
    data_set = bytes(range(256)) * 12
    stream = associate_rq() + store_message(data_set, fragment_size=1000) + A_RELEASE_RQ
    connection = served.connect()
    for start in range(0, len(stream), size):
        connection.sendall(stream[start : start + size])
    assert [receive_pdu(connection)[0] for _ in range(3)] == [0x02, 0x04, 0x06]
    assert served.stored()[0].endswith(data_set)


def test_command_and_data_set_may_share_a_pdu_and_be_cut_into_many_items(served: Served) -> None:
    connection = associated(served)
    command = store_command()
    pieces = [pdv(1, COMMAND, command[:30]), pdv(1, COMMAND, b""), pdv(1, COMMAND | LAST, command[30:])]
    pieces += [pdv(1, 0, DATA_SET[:3]), pdv(1, 0, b""), pdv(1, 0, DATA_SET[3:]), pdv(1, LAST, b"")]
    assert answer_to(connection, p_data(*pieces)) == 0x0000
    assert served.stored()[0].endswith(DATA_SET)


def test_a_sender_that_does_not_wait_for_answers_gets_them_all_in_order(served: Served) -> None:
    connection = associated(served)
    connection.sendall(b"".join(store_message(b"%05d" % number * 2) for number in range(50)))
    assert [status_of(receive_pdu(connection)[1]) for _ in range(50)] == [0x0000] * 50
    assert [content[-10:] for content in served.stored()] == [b"%05d" % number * 2 for number in range(50)]


def test_an_echo_is_answered(served: Served) -> None:
    connection = associated(served, associate_rq(contexts=[(VERIFICATION, ["1.2.840.10008.1.2"])]))
    echo = {Element.COMMAND_FIELD: CommandField.C_ECHO, Element.MESSAGE_ID: 1, Element.COMMAND_DATA_SET_TYPE: 0x0101}
    assert answer_to(connection, p_data(pdv(1, COMMAND | LAST, command_set(echo)))) == 0x0000
    assert answer_to(connection, p_data(pdv(1, COMMAND | LAST, store_command()), pdv(1, LAST, DATA_SET))) == 0x0122
    assert answer_to(connection, p_data(pdv(1, COMMAND | LAST, command_set(echo)))) == 0x0000
    assert served.stored() == []


def test_another_request_is_told_that_it_is_not_served_and_its_data_set_is_dropped(served: Served) -> None:
    connection = associated(served)
    find = store_command(others={Element.COMMAND_FIELD: CommandField.C_FIND})
    message = p_data(pdv(1, COMMAND | LAST, find)), p_data(pdv(1, 0, DATA_SET), pdv(1, LAST, DATA_SET))
    assert answer_to(connection, b"".join(message)) == 0x0211
    assert answer_to(connection, store_message(DATA_SET)) == 0x0000


def test_responses_and_cancels_are_not_answered(served: Served) -> None:
    connection = associated(served)
    for field in (0x8001, CommandField.C_CANCEL):
        values = {Element.COMMAND_FIELD: field, Element.COMMAND_DATA_SET_TYPE: 0x0101}
        connection.sendall(p_data(pdv(1, COMMAND | LAST, command_set(values))))
    assert answer_to(connection, store_message(DATA_SET)) == 0x0000


@pytest.mark.parametrize("uid", ["../../../../tmp/x", "1." * 40 + "1", "", "1.2.x"])
def test_an_object_whose_uid_is_none_is_refused_and_the_next_is_taken(served: Served, uid: str) -> None:
    connection = associated(served)
    assert answer_to(connection, store_message(DATA_SET * 9000, sop_instance_uid=uid)) == 0xC000
    assert served.stored() == []
    assert answer_to(connection, store_message(DATA_SET)) == 0x0000


@pytest.mark.parametrize(
    "message",
    [
        p_data(pdv(1, COMMAND | LAST, store_command(others={Element.COMMAND_DATA_SET_TYPE: 0x0101}))),
        p_data(pdv(1, COMMAND | LAST, store_command()), pdv(1, LAST, b"")),
    ],
    ids=["none announced", "an empty one"],
)
def test_an_object_without_data_set_is_refused(served: Served, message: bytes) -> None:
    connection = associated(served)
    assert answer_to(connection, message) == 0xC000
    assert served.stored() == []


def test_a_full_disk_is_out_of_resources_until_there_is_room(served: Served) -> None:
    connection = associated(served)
    served.full = "the disk is full"
    assert answer_to(connection, store_message(DATA_SET * 9000)) == 0xA700
    other = served.connect()
    other.sendall(associate_rq())
    assert receive_pdu(other) == (0x03, b"\0\2\3\1")
    assert served.causes == [Cause.OUT_OF_SPACE]
    served.full = None
    assert answer_to(connection, store_message(DATA_SET)) == 0x0000
    assert len(served.stored()) == 1


def test_who_aborts_in_mid_transfer_leaves_nothing(served: Served, tmp_path: Path) -> None:
    connection = associated(served)
    connection.sendall(p_data(pdv(1, COMMAND | LAST, store_command())) + p_data(pdv(1, 0, DATA_SET * 900)) + A_ABORT)
    other = associated(served)
    other.sendall(store_message(DATA_SET * 9000)[:50_000])
    other.close()
    wait_until(lambda: served.census.total() == 0, what="the end of both")
    assert list(tmp_path.iterdir()) == []


def test_who_falls_silent_is_let_go(impatient: Served, tmp_path: Path) -> None:
    idle, half_an_object, half_a_pdu = associated(impatient), associated(impatient), impatient.connect()
    half_an_object.sendall(store_message(DATA_SET * 9000)[:40_000])
    half_a_pdu.sendall(b"\1\0\0\0")
    began = time.monotonic()
    assert abort_of(idle) == (0x07, 0, 0)
    assert abort_of(half_an_object) == (0x07, 0, 0)
    assert receive_pdu(half_a_pdu) == (0, b""), "without an association there is nothing to abort"
    assert time.monotonic() - began < 30 * SECONDS
    wait_until(lambda: list(tmp_path.iterdir()) == [] and impatient.census.total() == 0, what="nothing left")


def test_a_request_that_drips_has_to_be_there_in_time(impatient: Served) -> None:
    connection = impatient.connect()

    def drip() -> None:
        for byte in associate_rq() * 10:
            connection.send(bytes([byte]))
            time.sleep(SECONDS / 20)

    with pytest.raises(ConnectionError):
        drip()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (associate_rq("OTHER"), (1, 1, 7)),
        (associate_rq(application_context="1.2.3"), (1, 1, 2)),
        (associate_rq(protocol_version=2), (1, 2, 2)),
    ],
    ids=["called AE title", "application context", "protocol version"],
)
def test_who_may_not_call_is_told_why(served: Served, request_: bytes, answer: tuple[int, int, int]) -> None:
    connection = served.connect()
    connection.sendall(request_)
    assert receive_pdu(connection) == (0x03, bytes((0, *answer)))
    assert receive_pdu(connection) == (0, b"")
    wait_until(lambda: served.census.total() == 0 and len(served.causes) == 1, what="the rejection")


def test_a_node_that_takes_any_called_ae_title_keeps_the_one_that_was_called(tmp_path: Path) -> None:
    definition = NodeDefinition(node_id=1, name="Any", ae_title="DOSEWIRE", port=1, check_called_ae_title=False)
    served = Served(folder=tmp_path, definition=definition)
    assert answer_to(associated(served, associate_rq("WHOEVER")), store_message(DATA_SET)) == 0x0000
    served.close()
    assert read_reception(next(tmp_path.glob("*.dcm"))).called_ae_title == "WHOEVER"


def test_associations_above_the_limit_are_rejected_until_one_ends(served: Served) -> None:
    first, *_ = (associated(served) for _ in range(3))
    fourth = served.connect()
    fourth.sendall(associate_rq())
    assert receive_pdu(fourth) == (0x03, b"\0\2\3\2")
    first.sendall(A_RELEASE_RQ)
    assert receive_pdu(first)[0] == 0x06
    wait_until(lambda: served.census.total() == 2, what="the end of the first")
    associated(served)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (p_data(pdv(1, 3, store_command())), 2),
        (A_RELEASE_RQ, 2),
        (pdu(0x99, b"what"), 1),
        (b"\x01\0\xff\xff\xff\xf0", 6),
        (associate_rq()[:100] + bytes(300), 6),
    ],
    ids=["data first", "release first", "unknown PDU", "absurd length", "garbage"],
)
def test_what_may_not_come_before_a_request_is_aborted(served: Served, stream: bytes, reason: int) -> None:
    connection = served.connect()
    connection.sendall(stream)
    assert abort_of(connection) == (0x07, 2, reason)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (p_data(pdv(9, 3, store_command())), 6),
        (p_data(pdv(1, 2, DATA_SET)), 5),
        (p_data(pdv(1, 3, store_command()), pdv(1, 3, store_command())), 5),
        (p_data(pdv(1, 3, store_command()), pdv(3, 2, DATA_SET)), 5),
        (p_data(pdv(1, 3, b"\xff" * 100)), 6),
        (p_data(*[pdv(1, 1, bytes(900))] * 100), 6),
        (p_data(b"\0\0\0\1\1\3"), 6),
        (p_data(struct.pack(">IBB", 5000, 1, 3) + b"short"), 6),
        (p_data(b"\0\0"), 6),
        (associate_rq(), 2),
        (pdu(0x00, b""), 1),
        (b"\x04\0\xff\xff\xff\xff", 6),
    ],
    ids=[
        "unknown context",
        "data set without command",
        "command within a data set",
        "data set of another context",
        "garbage as command",
        "endless command",
        "item without its header",
        "item longer than its PDU",
        "half an item header",
        "second request",
        "unknown PDU",
        "absurd length",
    ],
)
def test_what_may_not_come_within_an_association_aborts_it(
    served: Served, tmp_path: Path, stream: bytes, reason: int
) -> None:
    connection = associated(served, associate_rq(contexts=[(SOP_CLASS, ["1.2.840.10008.1.2"])] * 2))
    connection.sendall(stream)
    assert abort_of(connection) == (0x07, 2, reason)
    wait_until(lambda: served.census.total() == 0, what="the end")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_pdv_and_an_empty_pdu_do_no_harm(served: Served) -> None:
    connection = associated(served)
    connection.sendall(p_data() + p_data(pdv(1, COMMAND, b"")))
    assert answer_to(connection, store_message(DATA_SET)) == 0x0000


def test_an_association_that_has_ended_leaves_nothing_to_the_garbage_collector(served: Served) -> None:
    gc.collect()
    gc.disable()
    try:
        connection = associated(served)
        assert answer_to(connection, store_message(DATA_SET)) == 0x0000
        half_done = associated(served)
        half_done.sendall(store_message(DATA_SET * 9000)[:40_000])
        half_done.close()
        connection.sendall(A_RELEASE_RQ)
        wait_until(lambda: not any(thread.is_alive() for thread in served.threads), what="the end of both")
        ended = [weakref.ref(association) for association in served.associations]
        served.associations.clear()
        assert [association() for association in ended] == [None, None]
    finally:
        gc.enable()


def test_a_node_that_stops_lets_the_object_in_hand_arrive_and_aborts_the_rest(served: Served) -> None:
    idle, busy = associated(served), associated(served)
    message = store_message(DATA_SET * 9000)
    busy.sendall(message[:40_000])
    wait_until(lambda: served.associations[1].is_busy, what="the busy one")
    for association in served.associations:
        association.finish()
    assert abort_of(idle) == (0x07, 0, 0)
    busy.sendall(message[40_000:])
    assert status_of(receive_pdu(busy)[1]) == 0x0000
    assert abort_of(busy) == (0x07, 0, 0)
    assert len(served.stored()) == 1
