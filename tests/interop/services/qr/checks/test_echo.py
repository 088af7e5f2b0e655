"""C-ECHO as config_api sends it, against real peers, and what it says of each outcome."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pynetdicom import AE, evt

from services.qr.checks.echo import EchoReply, limits_of_echo, send_echo
from services.qr.remote.association import associate
from services.qr.remote.echo import VERIFICATION
from services.qr.remote.peer import Peer
from tools.peers.raw_peer import RawPeer
from tools.peers.real_pacs import Dcmqrscp, Storescp
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

TIMEOUT = 2.0
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def target(port: int, *, host: str = LOOPBACK, called: str = "DOSEWIRE") -> Peer:
    return Peer("PACS", host, port, called, "DOSEWIRE")


def echo(peer: Peer, *, timeout: float) -> EchoReply:
    limits, stop = limits_of_echo(timeout), threading.Event()
    return send_echo(
        associate(peer=peer, sop_classes=(VERIFICATION,), limits=limits, cancelled=lambda: False, stop=stop)
    )


@contextmanager
def peer(
    *, sop_class: str = VERIFICATION, status: int = 0x0000, required_called: bool = False, accepted: str | None = None
) -> Iterator[int]:
    """A pynetdicom SCP titled STRICT; yields its port."""
    entity = AE(ae_title="STRICT")
    entity.add_supported_context(sop_class)
    entity.require_called_aet = required_called
    entity.require_calling_aet = [accepted] if accepted else []
    server = entity.start_server((LOOPBACK, 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda _event: status)])
    assert server is not None
    yield server.server_address[1]
    server.shutdown()


def test_dcmtk_answers(tmp_path: Path) -> None:
    with Storescp(folder=tmp_path, ae_title="DOSEWIRE") as storescp:
        result = echo(target(storescp.port), timeout=TIMEOUT)
    assert result.alive
    assert result.detail == "answers C-ECHO"
    assert 0 <= result.duration_ms < 1000 * TIMEOUT


def test_dcmtk_does_not_know_the_called_ae_title(tmp_path: Path) -> None:
    with Dcmqrscp(folder=tmp_path, ae_title="PACS", destinations={}) as dcmqrscp:
        assert echo(target(dcmqrscp.port, called="PACS"), timeout=TIMEOUT).alive
        result = echo(target(dcmqrscp.port, called="NOBODY"), timeout=TIMEOUT)
    assert not result.alive
    assert result.detail == "says that it is not NOBODY: correct the AE title of the remote node"


def test_our_own_ae_title_is_not_accepted() -> None:
    with peer(accepted="SOMEBODY") as port:
        result = echo(target(port), timeout=TIMEOUT)
    assert result.detail == "does not know us: register our AE title DOSEWIRE there"


def test_a_node_without_verification() -> None:
    with peer(sop_class=CT_IMAGE_STORAGE) as port:
        result = echo(target(port), timeout=TIMEOUT)
    assert result.detail == "accepts none of the services that we need: Verification SOP Class"


def test_a_node_that_answers_with_a_failure() -> None:
    with peer(status=0x0122) as port:
        result = echo(target(port), timeout=TIMEOUT)
    assert not result.alive
    assert result.detail == "answers the C-ECHO with status 0122 (it does not support this)"


def test_a_port_that_does_not_speak_dicom() -> None:
    with RawPeer(answer=b"HTTP/1.1 400 Bad Request\r\n\r\n") as web:
        result = echo(target(web.port), timeout=TIMEOUT)
    assert not result.alive
    assert "no valid answer to an association request" in result.detail


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        (3, 2, "its limit of associations is reached"),
        (1, 1, "it gives no reason"),
    ],
)
def test_other_rejections(source: int, reason: int, words: str) -> None:
    with RawPeer(answer=bytes((3, 0, 0, 0, 0, 4, 0, 1, source, reason))) as strict:
        result = echo(target(strict.port), timeout=TIMEOUT)
    assert result.detail == f"rejects the association: {words}"


def test_a_port_that_stays_silent() -> None:
    began = time.monotonic()
    with RawPeer() as silent:
        result = echo(target(silent.port), timeout=1)
    assert "no valid answer to an association request within 1 seconds" in result.detail
    assert time.monotonic() - began < 6


def test_nothing_listens(free_port: int) -> None:
    result = echo(target(free_port), timeout=TIMEOUT)
    assert result.detail == f"nothing listens on {LOOPBACK}:{free_port}; is it started, is the port right?"


def test_a_host_that_does_not_answer() -> None:
    with socket.create_server((LOOPBACK, 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex((LOOPBACK, port))
        result = echo(target(port), timeout=1)
        for filler in fillers:
            filler.close()
    assert result.detail.startswith(f"{LOOPBACK}:{port} does not answer within 1 s")


def test_a_host_name_that_nobody_knows() -> None:
    result = echo(target(104, host="no-such-host.invalid"), timeout=TIMEOUT)
    assert result.detail == (
        "the host name no-such-host.invalid is not known here; check its spelling or use its IP address"
    )
