"""Peers that load a store node: silent, half finished, too many, too fast, too large. Others are not affected.

The numbers are small, for a short run; the variables scale them up to what the product promises
(docs/development.md). The other things that peers do are in tests/interop/services/store_scp, and one connection at a
time in tests/unit/services/store_scp/node/receive.
"""

import os
import resource
import socket
import statistics
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.store_scp.node.receive.listener import MAXIMUM_STRANGERS, SPARE_THREADS
from services.store_scp.supervisor.nodes.own_tls import client_context
from tools.measure.process_use import Use, forget_peaks, peak_resident_bytes
from tools.measure.store_node import RunningNode, data_set_bytes, wait_until
from tools.peers.certificates import self_signed
from tools.peers.raw_pdus import (
    A_ABORT,
    A_RELEASE_RQ,
    VERIFICATION,
    associate_rq,
    echo_message,
    receive_pdu,
    status_of,
    store_message,
)
from tools.stack.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

PORT_CHECKS = int(os.environ.get("DOSEWIRE_TEST_PORT_CHECKS", "2000"))
ABORTED = int(os.environ.get("DOSEWIRE_TEST_ABORTED", "600"))
IDLE = int(os.environ.get("DOSEWIRE_TEST_IDLE", "100"))
LARGE_MB = int(os.environ.get("DOSEWIRE_TEST_LARGE_MB", "8"))

DATA_SET = b"\x08\x00\x60\x00\x02\x00\x00\x00SR"
ECHO_CONTEXT = [(VERIFICATION, ["1.2.840.10008.1.2"])]
DEFLATED = "1.2.840.10008.1.2.1.99"
HALF_A_PDU = b"\x01\0\0\0\1\0half"


class Node:
    """Starts a node with settings and a definition of the test's choice."""

    def __init__(self, *, environment: pytest.MonkeyPatch, data_dir: Path) -> None:
        self._environment = environment
        self._data_dir = data_dir

    @contextmanager
    def __call__(self, *, definition: dict[str, Any] | None = None, **settings: object) -> Iterator[RunningNode]:
        """Run the node until the end of the block; all of its processes serve when it begins."""
        given = {"data_dir": self._data_dir, "dicom_bind": RunningNode.host, "log_level": "error", "node_processes": 2}
        for name, value in (given | settings).items():
            self._environment.setenv(f"DOSEWIRE_{name.upper()}", str(value))
        with RunningNode(port=free_port(), data_dir=self._data_dir, **(definition or {})) as running:
            count = int(str((given | settings)["node_processes"]))
            wait_until(lambda: self._serving(running) == count, what="all of its processes")
            yield running

    def _serving(self, node: RunningNode) -> int:
        """Return how many processes serve: beside its first thread each has one for its input, and one that accepts."""
        return sum(Use.of([pid]).threads >= 3 for pid in node.pids())


@pytest.fixture
def run_node(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Node:
    return Node(environment=monkeypatch, data_dir=data_dir)


@pytest.fixture(scope="module")
def lasting_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node for several tests, so that the later ones find what the earlier have done to it."""
    with pytest.MonkeyPatch.context() as environment:
        run = Node(environment=environment, data_dir=tmp_path_factory.mktemp("node"))
        with run(maximum_associations=IDLE + 100) as running:
            yield running


@pytest.fixture
def node(lasting_node: RunningNode) -> RunningNode:
    wait_until(lambda: _is_at_rest(lasting_node), what="the end of what was before")
    for path in lasting_node.stored():
        path.unlink()
    return lasting_node


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """Closes at the end what the test has opened; the system has to allow that many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as opened:
        yield opened


def connected(node: RunningNode, sockets: ExitStack, *, saying: bytes = b"") -> socket.socket:
    connection = sockets.enter_context(socket.create_connection((node.host, node.port), timeout=20))
    connection.sendall(saying)
    return connection


def associated(node: RunningNode, sockets: ExitStack) -> socket.socket:
    connection = connected(node, sockets, saying=associate_rq())
    assert receive_pdu(connection)[0] == 0x02
    return connection


def store(connection: socket.socket, data_set: bytes = DATA_SET) -> int:
    connection.sendall(store_message(data_set, fragment_size=100_000))
    return status_of(receive_pdu(connection)[1])


def echo_seconds(node: RunningNode) -> float:
    """Open an association, echo, release; returns how long all of it took."""
    began = time.perf_counter()
    with socket.create_connection((node.host, node.port), timeout=20) as connection:
        connection.sendall(associate_rq(contexts=ECHO_CONTEXT))
        assert receive_pdu(connection)[0] == 0x02
        connection.sendall(echo_message())
        assert status_of(receive_pdu(connection)[1]) == 0x0000
        connection.sendall(A_RELEASE_RQ)
        assert receive_pdu(connection)[0] == 0x06
    return time.perf_counter() - began


def reset(connection: socket.socket) -> None:
    """Close a connection as a peer does that crashes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_silent_peers_of_a_node_with_tls_hold_up_nobody(run_node: Node, sockets: ExitStack, tmp_path: Path) -> None:
    pair = self_signed(tmp_path, "node")
    tls = {"tls_certificate": pair.certificate, "tls_key": pair.key}
    with run_node(definition={"tls": True}, node_processes=1, network_timeout_seconds=2, **tls) as node:
        silent = [connected(node, sockets, saying=saying) for saying in (b"", b"\x16\x03\x01") for _ in range(20)]
        began = time.monotonic()
        connection = sockets.enter_context(client_context(None).wrap_socket(connected(node, sockets)))
        connection.sendall(associate_rq())
        assert receive_pdu(connection)[0] == 0x02
        assert store(connection) == 0x0000
        assert time.monotonic() - began < 2
        for peer in silent:
            assert peer.recv(100)[:1] in {b"", b"\x15"}, "closed, after an alert where the handshake had begun"


def test_half_pdus_of_more_peers_than_a_node_holds_keep_nobody_out(run_node: Node, sockets: ExitStack) -> None:
    with run_node(node_processes=1, network_timeout_seconds=60) as node:
        before = Use.of(node.pids())
        for _ in range(40):
            connected(node, sockets, saying=HALF_A_PDU)
        assert echo_seconds(node) < 5
        for _ in range(MAXIMUM_STRANGERS):
            connected(node, sockets, saying=HALF_A_PDU)
        assert echo_seconds(node) < 5
        most = before.descriptors + MAXIMUM_STRANGERS + 2 * SPARE_THREADS
        wait_until(lambda: Use.of(node.pids()).descriptors <= most, what="the oldest of them are closed")
        assert store(associated(node, sockets)) == 0x0000


def test_more_sockets_than_select_can_watch(run_node: Node, sockets: ExitStack) -> None:
    with run_node(node_processes=1, maximum_associations=1000) as node:
        connections = [associated(node, sockets) for _ in range(1000)]
        for _ in range(100):
            connected(node, sockets, saying=HALF_A_PDU)
        wait_until(lambda: Use.of(node.pids()).descriptors > 1100, what="more than 1100 sockets")
        refused = connected(node, sockets, saying=associate_rq())
        assert receive_pdu(refused) == (0x03, b"\0\2\3\2"), "transient, by the provider: local limit exceeded"
        assert [store(connection) for connection in connections[-3:]] == [0x0000] * 3
        connections[0].sendall(A_RELEASE_RQ)
        assert receive_pdu(connections[0])[0] == 0x06
        assert store(associated(node, sockets)) == 0x0000


def test_idle_associations_take_next_to_nothing(node: RunningNode, sockets: ExitStack) -> None:
    with ExitStack() as first:  # what is allocated once
        for _ in range(50):
            store(associated(node, first))
    before = Use.of(node.pids())
    idle = [associated(node, sockets) for _ in range(IDLE)]
    assert {store(connection) for connection in idle[::10]} == {0x0000}
    time.sleep(1.0)
    after = Use.of(node.pids())
    seconds = 2.0
    time.sleep(seconds)
    share = (Use.of(node.pids()).cpu_seconds - after.cpu_seconds) / seconds
    each = (after.anonymous_bytes - before.anonymous_bytes) / IDLE
    echoes = statistics.median(echo_seconds(node) for _ in range(41))
    assert share < 0.02, f"{share:.1%} of a core"
    assert each < 60_000, f"{each:.0f} bytes each"
    assert echoes < 0.02, f"{echoes * 1000:.1f} ms"


def test_port_checks_leave_memory_threads_and_descriptors_as_they_were(node: RunningNode) -> None:
    def check(count: int) -> None:
        for number in range(count):
            connection = socket.create_connection((node.host, node.port), timeout=20)
            (reset if number % 3 == 0 else socket.socket.close)(connection)

    check(300)
    _stays_as_it_is(node, lambda: check(PORT_CHECKS))


def test_aborted_associations_leave_memory_threads_and_descriptors_as_they_were(node: RunningNode) -> None:
    half_an_object = store_message(DATA_SET * 20_000)[:100_000]
    endings = (A_ABORT, b"", half_an_object, half_an_object + A_ABORT, b"\4\0\0\0", store_message(DATA_SET) + A_ABORT)

    def abort(count: int) -> None:
        for number in range(count):
            with socket.create_connection((node.host, node.port), timeout=20) as connection:
                connection.sendall(associate_rq(calling_ae_title=f"CT{number % 500}"))
                assert receive_pdu(connection)[0] == 0x02
                connection.sendall(endings[number % len(endings)])
                if number % 4 == 0:
                    reset(connection)

    abort(300)
    _stays_as_it_is(node, lambda: abort(ABORTED))
    assert node.partial() == []
    assert {path.read_bytes()[-len(DATA_SET) :] for path in node.stored()} <= {DATA_SET}


def _stays_as_it_is(node: RunningNode, exercise: Callable[[], None]) -> None:
    wait_until(lambda: _is_at_rest(node), what="the end of the first ones")
    before = Use.of(node.pids())
    exercise()
    wait_until(lambda: _is_at_rest(node), what="the end of the connections")
    after = Use.of(node.pids())
    assert after.anonymous_bytes - before.anonymous_bytes < 3e6
    assert after.threads <= before.threads + len(node.pids()) * SPARE_THREADS
    assert echo_seconds(node) < 5


def _is_at_rest(node: RunningNode) -> bool:
    """Whether no connection is left, and the files in advance of surplus threads are closed."""
    return not _connections(node) and Use.of(node.pids()).descriptors <= len(node.pids()) * (20 + SPARE_THREADS)


def _connections(node: RunningNode) -> list[str]:
    """Return the inodes of the sockets that the node serves."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    own = f":{node.port:04X}"
    return [line[9] for line in lines if line[1].endswith(own) and line[3] != "0A" and line[9] != "0"]


def test_sixteen_senders_of_large_objects_take_no_more_memory_than_small_ones(
    node: RunningNode, sockets: ExitStack
) -> None:
    message = store_message(os.urandom(1_000_000) * LARGE_MB, fragment_size=130_000)

    def send(connection: socket.socket) -> int:
        connection.sendall(message)
        return status_of(receive_pdu(connection)[1])

    with ThreadPoolExecutor(16) as senders:
        connections = [associated(node, sockets) for _ in range(16)]
        forget_peaks(node.pids())
        assert set(senders.map(send, connections)) == {0x0000}
        peak = peak_resident_bytes(node.pids())
        assert peak < 150e6, f"{peak / 1e6:.0f} MB"
        assert len(node.stored()) == 16


def test_a_deflated_bomb_is_kept_as_it_came(node: RunningNode, sockets: ExitStack) -> None:
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = b"".join([*(deflater.compress(bytes(2**20)) for _ in range(100)), deflater.flush()])
    forget_peaks(node.pids())
    before = peak_resident_bytes(node.pids())
    request = associate_rq(contexts=[("1.2.840.10008.5.1.4.1.1.88.67", [DEFLATED])])
    connection = connected(node, sockets, saying=request)
    assert receive_pdu(connection)[0] == 0x02
    assert store(connection, bomb) == 0x0000
    (path,) = node.stored()
    assert data_set_bytes(path) == bomb
    assert peak_resident_bytes(node.pids()) - before < 10e6


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A disk of 16 MB below the data folder."""
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=16m", "dosewire-test", data_dir]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield data_dir
    subprocess.run(["umount", data_dir], check=True)


def free_bytes(disk: Path) -> int:
    seen = os.statvfs(disk)
    return seen.f_bavail * seen.f_frsize


def store_until_refused(connection: socket.socket, data_set: bytes) -> Sequence[int]:
    statuses = [store(connection, data_set)]
    while statuses[-1] == 0x0000 and len(statuses) < 20:
        statuses.append(store(connection, data_set))
    return statuses


def test_a_disk_that_fills_up_leaves_nothing_half_written(run_node: Node, small_disk: Path, sockets: ExitStack) -> None:
    with run_node(spool_watermark=0) as node:
        connection = associated(node, sockets)
        statuses = store_until_refused(connection, os.urandom(3_000_000))
        assert statuses == [0x0000] * 5 + [0xA700]
        assert len(node.stored()) == 5
        assert node.partial() == []
        wait_until(lambda: free_bytes(small_disk) > 1_500_000, what="the room that the sixth had taken")
        assert {len(data_set_bytes(path)) for path in node.stored()} == {3_000_000}
        assert store(connection, bytes(200_000)) == 0x0000, "what still fits is taken"
        node.stored()[0].unlink()
        assert store(connection, os.urandom(3_000_000)) == 0x0000, "and goes on when there is room"


def test_below_the_watermark_what_has_begun_is_finished_and_nothing_else_is_taken(
    run_node: Node, small_disk: Path, sockets: ExitStack
) -> None:
    data_set = os.urandom(3_000_000)
    with run_node(spool_watermark="12MB") as node:
        begun, other = associated(node, sockets), associated(node, sockets)
        message = store_message(data_set)
        begun.sendall(message[:1_000_000])
        assert store(other, data_set) == store(other, data_set) == 0x0000
        time.sleep(0.6)  # the node looks at the disk twice a second
        assert store(other) == 0xA700
        refused = connected(node, sockets, saying=associate_rq())
        assert receive_pdu(refused) == (0x03, b"\0\2\3\1"), "transient, by the provider: temporary congestion"
        begun.sendall(message[1_000_000:])
        assert status_of(receive_pdu(begun)[1]) == 0x0000
        for path in node.stored():
            path.unlink()
        wait_until(lambda: store(other) == 0x0000, what="reception again", timeout_s=5.0)
        assert store(associated(node, sockets)) == 0x0000
