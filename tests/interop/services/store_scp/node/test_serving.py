"""A node process from its start to its end: as many associations as it may have, a death, an orderly stop."""

import os
import signal
import socket

import pytest

from tests.helpers.dcmtk import dcmtk
from tools.measure.store_node import RunningNode, wait_until
from tools.peers.raw_pdus import associate_rq, receive_pdu, status_of, store_message

pytestmark = pytest.mark.interop

DATA_SET = b"\x08\x00\x60\x00\x02\x00\x00\x00SR"


def associated(node: RunningNode, *, accepted: bool = True) -> socket.socket:
    connection = socket.create_connection((node.host, node.port), timeout=10)
    connection.sendall(associate_rq(node.ae_title))
    assert receive_pdu(connection)[0] == (0x02 if accepted else 0x03)
    return connection


def test_a_node_has_as_many_associations_as_it_may_and_all_are_served(node: RunningNode) -> None:
    connections = [associated(node) for _ in range(20)]
    associated(node, accepted=False).close()
    for connection in connections:
        connection.sendall(store_message(DATA_SET))
        assert status_of(receive_pdu(connection)[1]) == 0x0000
    for connection in connections[:5]:
        connection.close()
    wait_until(lambda: _accepts(node, 5), what="room for others")
    for connection in connections:
        connection.close()


def test_a_node_that_is_killed_leaves_the_port(node: RunningNode) -> None:
    with associated(node):
        os.kill(node.child.pid, signal.SIGKILL)
        wait_until(lambda: _is_free(node.port), what="the port")


def test_a_node_that_stops_finishes_what_it_has_in_hand(node: RunningNode) -> None:
    message = store_message(DATA_SET * 5000)
    connections = [associated(node) for _ in range(12)]
    for connection in connections:
        connection.sendall(message[:9000])
    dcmtk("echoscu", "-aec", node.ae_title, node.host, node.port)
    node.child.stop()
    wait_until(lambda: _is_free(node.port), what="the end of listening")
    for connection in connections:
        connection.sendall(message[9000:])
        assert status_of(receive_pdu(connection)[1]) == 0x0000
        assert receive_pdu(connection) == (0x07, bytes(4))
        connection.close()
    assert node.child.wait(10.0)
    assert len(node.stored()) == 12


def _accepts(node: RunningNode, count: int) -> bool:
    """Open so many associations at the same time; returns whether all were accepted."""
    connections = [socket.create_connection((node.host, node.port), timeout=10) for _ in range(count)]
    for connection in connections:
        connection.sendall(associate_rq(node.ae_title))
    answers = [receive_pdu(connection)[0] for connection in connections]
    for connection in connections:
        connection.close()
    return answers == [0x02] * count


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((RunningNode.host, port)) != 0
