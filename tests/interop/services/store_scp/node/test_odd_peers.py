"""Peers that break the protocol, by mistake or on purpose, at a store node."""

import resource
import select
import socket
import struct
import time
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info

from services.store_scp.node.receive.listener import SPARE_THREADS
from tests.helpers.dcmtk import dcmtk
from tests.helpers.objects.image_files import write_image
from tests.helpers.store_scp.raw_scu import SOP_CLASS, association, c_store
from tests.interop.services.store_scp.conftest import NETWORK_TIMEOUT_SECONDS
from tools.measure.store_node import RunningNode, data_set_bytes, wait_until

pytestmark = pytest.mark.interop

DATA_SET = b"\x08\x00\x60\x00\x02\x00\x00\x00SR"
PRIVATE_SOP_CLASS = "1.2.840.113619.4.27"
PRIVATE_TRANSFER_SYNTAX = "1.2.840.113619.5.2"
A_ABORT_INVALID_PARAMETER = bytes.fromhex("07000000000400000206")
JPEG_2000 = "1.2.840.10008.1.2.4.90"


def threads_of(node: RunningNode) -> int:
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in node.pids())


def descriptors_of(node: RunningNode) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in node.pids())


def limit_file_size(node: RunningNode, size: int) -> None:
    for pid in node.pids():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("sop_class_uid", "transfer_syntax_uid"),
    [
        (PRIVATE_SOP_CLASS, "1.2.840.10008.1.2"),
        (SOP_CLASS, PRIVATE_TRANSFER_SYNTAX),
        (PRIVATE_SOP_CLASS, PRIVATE_TRANSFER_SYNTAX),
        ("1.2.840.10008.5.1.4.1.1.2", JPEG_2000),
        ("1.2.840.10008.5.1.4.1.1.999", "2.25.4711"),
        ("2.25.815", "2.25.4711"),
    ],
    ids=["private class", "private syntax", "both private", "JPEG 2000", "class of a later edition", "nobody's"],
)
def test_every_storage_class_and_syntax_is_taken(
    node: RunningNode, sop_class_uid: str, transfer_syntax_uid: str
) -> None:
    data_set = bytes(range(256)) * 40
    with association(node.port, [(sop_class_uid, [transfer_syntax_uid])]) as opened:
        assert c_store(opened, data_set, sop_class_uid=sop_class_uid).Status == 0x0000
    (received,) = node.stored()
    meta = read_file_meta_info(received)
    assert (meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID) == (sop_class_uid, transfer_syntax_uid)
    assert data_set_bytes(received) == data_set


def test_of_several_transfer_syntaxes_the_first_is_taken(node: RunningNode) -> None:
    with association(node.port, [(SOP_CLASS, [JPEG_2000, "1.2.840.10008.1.2"])]) as opened:
        assert opened.accepted_contexts[0].transfer_syntax == [JPEG_2000]


def test_a_service_that_is_not_ours_is_not_accepted(node: RunningNode) -> None:
    find = "1.2.840.10008.5.1.4.1.2.2.1"
    with association(node.port, [(find, ["1.2.840.10008.1.2"]), (SOP_CLASS, ["1.2.840.10008.1.2"])]) as opened:
        assert [context.abstract_syntax for context in opened.accepted_contexts] == [SOP_CLASS]


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # said by the sender's pydicom, of what the test sends
@pytest.mark.parametrize("uid", ["../../../../tmp/x", "1.2.x", None])
def test_a_sop_instance_uid_that_is_none_is_refused_and_the_association_goes_on(
    node: RunningNode, uid: str | None
) -> None:
    with association(node.port) as opened:
        answer = c_store(opened, DATA_SET, sop_instance_uid=uid)
        assert answer.Status == 0xC000
        assert answer.ErrorComment
        assert node.stored() == []
        assert c_store(opened, DATA_SET).Status == 0x0000
    assert len(node.stored()) == 1


def test_a_request_without_sop_class_is_refused(node: RunningNode) -> None:
    with association(node.port) as opened:
        assert c_store(opened, DATA_SET, sop_class_uid=None).Status == 0xC000
    assert node.stored() == []


def test_a_request_without_data_set_is_refused(node: RunningNode) -> None:
    with association(node.port) as opened:
        assert c_store(opened, None).Status == 0xC000
    assert node.stored() == []


def test_an_object_that_does_not_fit_is_refused_and_the_next_that_does_is_taken(node: RunningNode) -> None:
    with association(node.port) as opened:
        limit_file_size(node, 200_000)
        answer = c_store(opened, bytes(1_000_000))
        assert answer.Status == 0xA700
        assert answer.ErrorComment == "File too large"
        assert node.stored() == node.partial() == []
        assert c_store(opened, DATA_SET).Status == 0x0000
        limit_file_size(node, resource.RLIM_INFINITY)
        assert c_store(opened, bytes(1_000_000)).Status == 0x0000
    assert len(node.stored()) == 2


def test_a_spool_that_cannot_be_written_is_out_of_resources(node: RunningNode) -> None:
    with association(node.port) as opened:
        node.spool.incoming.rename(node.spool.root / "away")
        assert c_store(opened, DATA_SET).Status == 0xA700
        (node.spool.root / "away").rename(node.spool.incoming)
        assert c_store(opened, DATA_SET).Status == 0x0000


def test_a_sender_that_aborts_in_mid_transfer_leaves_nothing(node: RunningNode, tmp_path: Path) -> None:
    image = write_image(tmp_path / "image.dcm", side=1500)
    dcmtk("storescu", "--abort", "-aec", node.ae_title, node.host, node.port, image)
    assert len(node.stored()) == 1  # the abort came after the object
    with socket.create_connection((node.host, node.port)) as connection:
        connection.sendall(associate_rq(node.ae_title))
        assert connection.recv(1) == b"\x02"
        connection.sendall(b"\x04\0" + struct.pack(">I", 100_000) + bytes(5_000))
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)
    assert len(node.stored()) == 1
    assert node.partial() == []


def test_a_pdu_of_absurd_length_ends_the_connection_before_it_is_read(node: RunningNode) -> None:
    with socket.create_connection((node.host, node.port), timeout=10) as connection:
        connection.sendall(b"\x01\0" + struct.pack(">I", 0xFFFFFFF0))
        assert connection.recv(100) == A_ABORT_INVALID_PARAMETER
        assert connection.recv(100) == b""
    for pid in node.pids():
        assert int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() < 100e6
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)


@pytest.mark.parametrize("begun", [b"", b"\x01\0\0\0", b"\x01\0\0\0\1\0half"], ids=["nothing", "header", "half a PDU"])
def test_peers_that_fall_silent_are_let_go_after_the_time_out(node: RunningNode, begun: bytes) -> None:
    before = threads_of(node)
    connections = [socket.create_connection((node.host, node.port)) for _ in range(10)]
    for connection in connections:
        connection.sendall(begun)
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)
    wait_until(lambda: _closed(connections), what="the end of the connections", timeout_s=4 * NETWORK_TIMEOUT_SECONDS)
    assert threads_of(node) <= before + len(node.pids()) * SPARE_THREADS
    for connection in connections:
        connection.close()


def test_port_checks_leave_nothing_behind(node: RunningNode) -> None:
    before = threads_of(node)
    for _ in range(200):
        socket.create_connection((node.host, node.port)).close()
    wait_until(lambda: descriptors_of(node) <= 60, what="the end of the connections", timeout_s=2.0)
    assert threads_of(node) <= before + len(node.pids()) * SPARE_THREADS


def test_associations_above_the_limit_are_rejected_and_the_others_go_on(node: RunningNode) -> None:
    connections = []
    answers = []
    for _ in range(22):
        connection = socket.create_connection((node.host, node.port), timeout=10)
        connection.sendall(associate_rq(node.ae_title))
        answers.append(connection.recv(10))
        connections.append(connection)
    assert {answer[:1] for answer in answers[:20]} == {b"\x02"}
    assert answers[-1][:1] == b"\x03"
    assert answers[-1][7:10] == bytes((2, 3, 2))  # transient, by the provider, local limit exceeded
    for connection in connections:
        connection.close()
    time.sleep(0.5)
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)


def _closed(connections: list[socket.socket]) -> bool:
    readable, _, _ = select.select(connections, [], [], 0)
    return len(readable) == len(connections) and all(not connection.recv(10) for connection in readable)


def associate_rq(called_ae_title: str) -> bytes:
    """Return an A-ASSOCIATE-RQ PDU (PS3.8 section 9.3.2) that proposes one storage class."""

    def item(kind: int, value: bytes) -> bytes:
        return struct.pack(">BxH", kind, len(value)) + value

    context = item(0x20, b"\1\0\0\0" + item(0x30, SOP_CLASS.encode()) + item(0x40, b"1.2.840.10008.1.2"))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"2.25.1"))
    titles = called_ae_title.ljust(16).encode() + b"RAW".ljust(16)
    body = b"\0\1\0\0" + titles + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return b"\x01\0" + struct.pack(">I", len(body)) + body
