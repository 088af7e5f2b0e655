"""Generated sequences of PDUs and DIMSE messages within an association: the node goes on."""

import os
import resource
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.store_scp.node.protocol.command_set import CommandField, Element
from services.store_scp.node.receive.listener import SPARE_THREADS
from tools.measure.store_node import RunningNode, wait_until
from tools.peers.raw_pdus import (
    A_ABORT,
    A_RELEASE_RQ,
    COMMAND,
    LAST,
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
from tools.stack.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

EXAMPLES = int(os.environ.get("DOSEWIRE_TEST_SEQUENCES", "100"))
VERIFICATION = "1.2.840.10008.1.1"
STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
CONTEXTS = [("1.2.840.10008.5.1.4.1.1.88.67", ["1.2.840.10008.1.2"])] + [
    (uid, ["1.2.840.10008.1.2"]) for uid in (VERIFICATION, STORAGE_COMMITMENT)
]

fields = st.sampled_from([*CommandField, 0x8001, 0x8030, 0x8100, 0x0000, 0xFFFF])
uids = st.one_of(
    st.sampled_from(["", "1.2.3", VERIFICATION, "../../x", "9" * 65, "\n"]), st.text("0123456789.", max_size=70)
)
numbers = st.integers(0, 0xFFFF)
commands = st.builds(
    lambda field, others, uid: command_set(
        {**others, Element.COMMAND_FIELD: field, Element.AFFECTED_SOP_INSTANCE_UID: uid}
    ),
    fields,
    st.dictionaries(
        st.sampled_from([element for element in Element if "UID" not in element.name and "AE" not in element.name]),
        numbers,
    ),
    uids,
)
fragments = st.one_of(commands, st.binary(max_size=300), st.just(store_command()), st.just(bytes(20_000)))
items = st.builds(pdv, st.sampled_from([1, 3, 5, 0, 7, 255]), st.integers(0, 7), fragments)
steps = st.one_of(
    st.builds(store_message, st.binary(min_size=1, max_size=40_000)),
    st.builds(lambda command: p_data(pdv(1, COMMAND | LAST, command), pdv(1, LAST, b"data")), commands),
    st.builds(lambda several: p_data(*several), st.lists(items, max_size=4)),
    st.builds(pdu, st.integers(0, 255), st.binary(max_size=100)),
    st.builds(lambda kind, length: struct.pack(">BxI", kind, length), st.integers(0, 8), st.integers(0, 2**32 - 1)),
    st.sampled_from([A_RELEASE_RQ, A_ABORT, associate_rq(), p_data(), b"", b"\4\0\0\0"]),
    st.binary(max_size=50),
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    data_dir = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DOSEWIRE_DATA_DIR", str(data_dir))
        environment.setenv("DOSEWIRE_DICOM_BIND", RunningNode.host)
        environment.setenv("DOSEWIRE_NETWORK_TIMEOUT_SECONDS", "2")
        environment.setenv("DOSEWIRE_LOG_LEVEL", "error")
        with RunningNode(port=free_port(), data_dir=data_dir) as running:
            yield running


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=st.lists(steps, min_size=1, max_size=6), waits=st.booleans())
def test_the_node_answers_whatever_came_before(node: RunningNode, sequence: list[bytes], *, waits: bool) -> None:
    before = {path.name for path in node.stored()}
    with socket.create_connection((node.host, node.port), timeout=10) as connection:
        connection.sendall(associate_rq(node.ae_title, contexts=CONTEXTS))
        assert receive_pdu(connection)[0] == 0x02
        with suppress(ConnectionError):
            for step in sequence:
                connection.sendall(step)
            if waits:
                connection.settimeout(0.05)
                with suppress(TimeoutError):
                    while receive_pdu(connection)[0]:
                        pass
    assert _answers(node)
    for path in node.stored():
        if path.name not in before:
            assert path.stat().st_size > 132
            path.unlink()
    assert node.partial() == []


def test_and_nothing_of_it_stays(node: RunningNode) -> None:
    wait_until(lambda: _descriptors(node) < 80, what="the end of the connections")
    assert _threads(node) <= len(node.pids()) * (SPARE_THREADS + 8)
    for pid in node.pids():
        assert int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() < 120e6


def _answers(node: RunningNode) -> bool:
    echo = {Element.COMMAND_FIELD: CommandField.C_ECHO, Element.MESSAGE_ID: 1, Element.COMMAND_DATA_SET_TYPE: 0x0101}
    with socket.create_connection((node.host, node.port), timeout=10) as connection:
        connection.sendall(associate_rq(node.ae_title, contexts=[(VERIFICATION, ["1.2.840.10008.1.2"])]))
        assert receive_pdu(connection)[0] == 0x02
        connection.sendall(p_data(pdv(1, COMMAND | LAST, command_set(echo))))
        return status_of(receive_pdu(connection)[1]) == 0x0000


def _threads(node: RunningNode) -> int:
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in node.pids())


def _descriptors(node: RunningNode) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in node.pids())
