"""Opening associations with peers of every kind: each refusal has its class and its words, nothing is left behind."""

import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from pydicom.uid import UID
from pynetdicom import AE

from services.qr.dimse.archive import SOP_CLASSES, DimseArchive
from services.qr.remote.archive import Limits
from services.qr.remote.association import associate
from services.qr.remote.echo import echo
from services.qr.remote.errors import Congested, JobCancelled, NodeAway, NodeRefuses, RemoteError, Stopping
from services.qr.remote.find import StudyQuery, find_studies, identifier
from services.qr.remote.peer import Peer
from shared.dicom.destination import Destination
from shared.tls.client import ClientTls, Handshake, ServerIdentity
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.scripts import finds, silent
from tools.pacs.server import SimulatedPacs
from tools.peers.certificates import Authority, server_context
from tools.peers.raw_peer import A_ASSOCIATE_AC_BEGUN, RawPeer
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

LIMITS = Limits(connect=1, acse=1, idle=2, total=4)
DESTINATION = Destination("node", "DOSEWIRE", None, 104)
QUERY = StudyQuery(date_from=None, date_until=None, study_instance_uid="1.2.3")


def reject(result: int, source: int, reason: int) -> bytes:
    """Return an A-ASSOCIATE-RJ PDU (PS3.8 section 9.3.4)."""
    return bytes((3, 0, 0, 0, 0, 4, 0, result, source, reason))


def ask(
    port: int,
    *,
    address: str = LOOPBACK,
    cancelled: Callable[[], bool] = lambda: False,
    stop: threading.Event | None = None,
    limits: Limits = LIMITS,
    handshake: Callable[[], Handshake] | None = None,
) -> list[str]:
    """Open an association and query; return the studies."""
    peer = Peer(
        name="Archive", address=address, port=port, ae_title="PACS", calling_ae_title="DOSEWIRE", handshake=handshake
    )
    with associate(
        peer=peer, sop_classes=SOP_CLASSES, limits=limits, cancelled=cancelled, stop=stop or threading.Event()
    ) as link:
        echo(link)
        archive = DimseArchive(link=link, destination=DESTINATION)
        return [study.study_instance_uid for study in find_studies(archive, identifier(window=QUERY.window))]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (reject(1, 1, 7), NodeRefuses, "says that it is not PACS: correct the AE title"),
        (reject(1, 1, 3), NodeRefuses, "does not know us: register our AE title DOSEWIRE there"),
        (reject(1, 1, 1), NodeRefuses, "rejects the association: it gives no reason"),
        (reject(2, 3, 2), NodeAway, "rejects the association: its limit of associations is reached"),
        (reject(2, 3, 1), NodeAway, "rejects the association: it is congested for the moment"),
        (bytes((7, 0, 0, 0, 0, 4, 0, 0, 2, 0)), NodeAway, "gives no valid answer"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", NodeAway, "gives no valid answer"),
        (bytes(200), NodeAway, "gives no valid answer"),
        (bytes((2, 0, 0xFF, 0xFF, 0xFF, 0xFF)), NodeAway, "gives no valid answer"),
        (bytes((2, 0, 0, 0, 0, 4, 0, 0, 0, 0)), NodeRefuses, "accepts none of the services"),
    ],
)
def test_an_answer_that_is_no_association(answer: bytes, error: type[RemoteError], words: str) -> None:
    began = time.monotonic()
    with RawPeer(answer=answer) as peer, pytest.raises(error, match=words):
        ask(peer.port)
    assert time.monotonic() - began < LIMITS.total + 2


@pytest.mark.parametrize(("answer", "error"), [(reject(1, 1, 99), NodeRefuses), (reject(9, 9, 9), Congested)])
def test_a_rejection_that_the_standard_does_not_know(answer: bytes, error: type[RemoteError]) -> None:
    words = rf"rejects the association: source and reason are \({answer[8]}, {answer[9]}\)"
    with RawPeer(answer=answer) as peer, pytest.raises(error, match=words):
        ask(peer.port)


def test_a_host_that_does_not_answer_at_all() -> None:
    with unresponsive_port() as port, pytest.raises(NodeAway, match="does not answer within 1 s"):
        ask(port)


@pytest.mark.parametrize("address", ["no-such-host.invalid", "x" * 70 + ".invalid", "999.1.1.1"])
def test_a_name_that_does_not_exist(address: str) -> None:
    with pytest.raises(NodeAway, match=r"the host name .* is not known here"):
        ask(104, address=address)


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("1.2.840.10008.1.1", "does not offer Study Root Query/Retrieve Information Model - FIND"),
        ("1.2.840.10008.5.1.4.1.1.7", "accepts none of the services that we need"),
    ],
)
def test_a_peer_without_the_services_that_we_need(service: str, words: str) -> None:
    entity = AE(ae_title="PACS")
    entity.add_supported_context(UID(service))
    port = free_port()
    entity.start_server((LOOPBACK, port), block=False)
    try:
        with pytest.raises(NodeRefuses, match=words):
            ask(port)
    finally:
        entity.shutdown()


def test_a_cancelled_job_and_a_stop_end_the_wait() -> None:
    stop = threading.Event()
    stop.set()
    with SimulatedPacs(find=silent) as pacs:
        with pytest.raises(JobCancelled):
            ask(pacs.port, cancelled=lambda: True)
        with pytest.raises(Stopping):
            ask(pacs.port, stop=stop)


def trusting(authorities: Path | None = None) -> Callable[[], Handshake]:
    """Return how TLS begins with a peer on loopback."""
    tls = ClientTls(certificate=None, authorities=authorities)
    return lambda: tls.handshake(ServerIdentity(LOOPBACK))


@pytest.mark.parametrize("handshake", [None, trusting()], ids=["connecting", "in the TLS handshake"])
def test_a_cancelled_job_and_a_stop_end_what_comes_before_an_association(
    handshake: Callable[[], Handshake] | None,
) -> None:
    patient = Limits(connect=30, acse=30, idle=30, total=60)
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    with unresponsive_port() if handshake is None else silent_port() as port:
        with pytest.raises(JobCancelled):
            ask(port, limits=patient, handshake=handshake, cancelled=lambda: True)
        with pytest.raises(Stopping):
            ask(port, limits=patient, handshake=handshake, stop=stop)
    assert time.monotonic() - began < 10


@contextmanager
def silent_port() -> Iterator[int]:
    with RawPeer() as peer:
        yield peer.port


def test_files_of_tls_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    words = r"Archive .* cannot be called with TLS: DOSEWIRE_TLS_REMOTE_CA \(.*missing.pem\): No such file"
    with pytest.raises(NodeAway, match=words):
        ask(104, handshake=trusting(tmp_path / "missing.pem"))


def test_nothing_of_tls_is_left_behind(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    tls, archive = server_context(authority.sign("pacs")), Archive(count=1, first_day=date(2026, 3, 10))
    with SimulatedPacs(archive=archive, quirks=Quirks(), destinations={}, ae_title="PACS", tls=tls) as pacs:

        def once() -> None:
            assert len(ask(pacs.port, handshake=trusting(authority.certificate))) == 1
            with pytest.raises(NodeRefuses, match="an authority that we do not trust"):
                ask(pacs.port, handshake=trusting())
            with silent_port() as port, pytest.raises(NodeAway, match="does not finish the TLS handshake within 1 sec"):
                ask(port, handshake=trusting())

        once()
        assert_nothing_more_is_held_after(once)


@pytest.mark.parametrize(
    "make_peer",
    [
        pytest.param(lambda: RawPeer(answer=A_ASSOCIATE_AC_BEGUN), id="half an answer"),
        pytest.param(lambda: RawPeer(answer=reject(1, 1, 7)), id="reject"),
        pytest.param(lambda: SimulatedPacs(find=silent), id="silent after find"),
        pytest.param(lambda: SimulatedPacs(find=finds("1.2.3")), id="all is well"),
    ],
)
def test_nothing_is_left_behind(make_peer: Callable[[], AbstractContextManager[RawPeer | SimulatedPacs]]) -> None:
    def once() -> None:
        with make_peer() as peer, suppress(RemoteError):
            assert ask(peer.port) == ["1.2.3"]

    once()
    assert_nothing_more_is_held_after(once)


def assert_nothing_more_is_held_after(once: Callable[[], None]) -> None:
    before = resources()
    for _ in range(3):
        once()
    deadline = time.monotonic() + 10
    while resources() > before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert resources() <= before


def resources() -> tuple[int, int]:
    """Return how many threads and open descriptors this process has."""
    gc.collect()
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def unresponsive_port() -> Iterator[int]:
    """A port whose queue of connections is full: the kernel drops what comes, as a firewall does."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for sock in waiting:
                sock.close()
