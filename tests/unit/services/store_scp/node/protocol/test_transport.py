import socket
import ssl
import struct
from collections.abc import Iterator
from threading import Thread

import pytest

from services.store_scp.common.tls import TlsContext, TlsFiles
from services.store_scp.node.protocol.transport import NothingSaid, Silent, TlsTransport
from services.store_scp.supervisor.nodes.own_tls import client_context
from tools.peers.certificates import self_signed


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    pair = self_signed(tmp_path_factory.mktemp("tls"), "node")
    return TlsContext(files=TlsFiles(pair.certificate, pair.key), require_client_certificate=False).current()


@pytest.fixture
def peers() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The node's end of a connection, and the peer's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = socket.create_connection(server.getsockname(), timeout=10)
        here, _ = server.accept()
    with here, there:
        yield here, there


Peers = tuple[socket.socket, socket.socket]


def test_after_the_handshake_bytes_arrive(peers: Peers, context: ssl.SSLContext) -> None:
    here, there = peers

    def call() -> None:
        with client_context(None).wrap_socket(there) as secured:
            secured.sendall(b"\x01\x00")
            assert secured.recv(1) == b"\x02"

    caller = Thread(target=call)
    caller.start()
    transport = TlsTransport(here, context=context)
    transport.open(seconds=10)
    transport.wait(10)
    received = bytearray(16)
    assert transport.receive_now(memoryview(received)) == 2
    transport.send(b"\x02")
    caller.join()
    transport.close()


@pytest.mark.parametrize("linger", [False, True])
def test_a_port_check_is_told_from_a_handshake_that_failed(peers: Peers, context: ssl.SSLContext, linger: bool) -> None:
    here, there = peers
    if linger:  # closed by a reset, as some load balancers do
        there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    there.close()
    transport = TlsTransport(here, context=context)
    with pytest.raises(NothingSaid):
        transport.open(seconds=10)
    transport.close()


def test_a_peer_that_stays_silent_does_not_hold_the_thread(peers: Peers, context: ssl.SSLContext) -> None:
    transport = TlsTransport(peers[0], context=context)
    with pytest.raises(Silent):
        transport.open(seconds=0.05)
    transport.close()


def test_a_peer_that_begins_and_stops_fails_in_time(peers: Peers, context: ssl.SSLContext) -> None:
    here, there = peers
    there.sendall(b"\x16\x03\x01")
    transport = TlsTransport(here, context=context)
    with pytest.raises(TimeoutError):
        transport.open(seconds=0.05)
    transport.close()


def test_a_peer_that_speaks_dicom_without_tls_fails_the_handshake(peers: Peers, context: ssl.SSLContext) -> None:
    here, there = peers
    there.sendall(b"\x01\x00\x00\x00\x00\xcd" + bytes(205))
    transport = TlsTransport(here, context=context)
    with pytest.raises(ssl.SSLError):
        transport.open(seconds=10)
    transport.close()
