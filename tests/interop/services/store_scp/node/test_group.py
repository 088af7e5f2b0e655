"""The processes of a node: each takes its part, and none takes the others with it."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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


def wait_for_all_processes(node: RunningNode) -> list[int]:
    """Wait until each process of the node serves; returns their ids, the leader's first."""
    seen: set[int] = set()

    def look() -> bool:
        with associated(node) as connection:
            seen.add(served_by(connection, node))
        return seen == set(node.pids()) and len(seen) == 2

    wait_until(look, what="all processes of the node")
    return node.pids()


def served_by(connection: socket.socket, node: RunningNode) -> int:
    """Return the process that has the other end of a connection."""
    inode = _inode_of_peer(connection)
    for pid in node.pids():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return pid
    raise AssertionError("nobody has the other end")


def _inode_of_peer(connection: socket.socket) -> str:
    ours, theirs = connection.getsockname()[1], connection.getpeername()[1]
    return next(inode for local, remote, inode in _sockets() if (local, remote) == (theirs, ours))


def _connections(node: RunningNode) -> list[str]:
    return [inode for local, remote, inode in _sockets() if local == node.port and remote and inode != "0"]


def _sockets() -> Iterator[tuple[int, int, str]]:
    """Yield local port, remote port and inode of each TCP socket of this machine."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        yield int(fields[1].rpartition(":")[2], 16), int(fields[2].rpartition(":")[2], 16), fields[9]


def test_a_process_that_is_killed_comes_back_and_the_others_go_on(node: RunningNode) -> None:
    leader, follower = wait_for_all_processes(node)
    wait_until(lambda: not _connections(node), what="the end of the first ones")
    connections = [associated(node) for _ in range(20)]  # as many as the node may have
    associated(node, accepted=False).close()
    by_leader = [connection for connection in connections if served_by(connection, node) == leader]
    assert 0 < len(by_leader) < 20, "the processes share the work"
    os.kill(follower, signal.SIGKILL)
    for connection in by_leader:
        connection.sendall(store_message(DATA_SET))
        assert status_of(receive_pdu(connection)[1]) == 0x0000
    wait_until(lambda: len(node.pids()) == 2 and follower not in node.pids(), what="another follower")
    connections.extend(associated(node) for _ in range(20 - len(by_leader)))
    associated(node, accepted=False).close()
    for connection in connections:
        connection.close()


def test_the_processes_end_with_their_leader_and_leave_the_port(node: RunningNode) -> None:
    leader, follower = wait_for_all_processes(node)
    os.kill(leader, signal.SIGKILL)
    wait_until(lambda: not _runs(follower), what="the end of the follower")
    wait_until(lambda: _is_free(node.port), what="the port")


def test_a_node_that_stops_finishes_what_each_process_has_in_hand(node: RunningNode) -> None:
    wait_for_all_processes(node)
    message = store_message(DATA_SET * 5000)
    connections = [associated(node) for _ in range(12)]
    assert len({served_by(connection, node) for connection in connections}) == 2
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


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((RunningNode.host, port)) != 0
