"""Associations with TLS: with peers of DCMTK, pynetdicom and openssl; each disagreement has its words."""

import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.uid import UID
from pynetdicom import AE

from shared.association.connection import shut_down
from shared.association.opening import Call, NoAnswer, NoAssociation, NotConnected, NoTls, Rejected, associated
from shared.tls.client import ClientTls, Handshake, ServerIdentity
from shared.tls.files import CertificateFiles, TlsError
from tests.helpers.dcmtk import command
from tools.peers.certificates import Authority, Pair, self_signed, server_context
from tools.peers.raw_peer import RawPeer
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

VERIFICATION = UID("1.2.840.10008.1.1")
SECONDS = 1.0


class Hospital:
    """An authority, a PACS and us, and a stranger whose authority nobody here knows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "hospital")
        self.pacs = self.authority.sign("pacs")
        self.dosewire = self.authority.sign("dosewire", usage="clientAuth")
        self.strangers = Authority(folder / "other", name="other")
        self.stranger = self.strangers.sign("stranger")

    def tls(self, *, certificate: Pair | None = None, authorities: Path | None = None) -> ClientTls:
        """Return our side of TLS."""
        files = None if certificate is None else CertificateFiles(certificate.certificate, certificate.key)
        return ClientTls(certificate=files, authorities=authorities or self.authority.certificate)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return Hospital(tmp_path_factory.mktemp("hospital"))


def handshake(tls: ClientTls, *, name: str = LOOPBACK, is_checked: bool = True) -> Handshake:
    return tls.handshake(ServerIdentity(name, is_checked=is_checked))


def to(port: int, how: Handshake | None, *, called: str = "PACS", seconds: float = SECONDS) -> Call:
    return Call(
        host=LOOPBACK,
        port=port,
        called_ae_title=called,
        calling_ae_title="DOSEWIRE",
        connect=seconds,
        acse=seconds,
        answer=seconds,
        handshake=how,
    )


def echo(port: int, how: Handshake | None, *, called: str = "PACS") -> int | None:
    """Send a C-ECHO; return its status."""
    with associated(to(port, how, called=called), [VERIFICATION]) as association:
        status = association.send_c_echo().get("Status")
        return None if status is None else int(status)


def refusal(port: int, how: Handshake | None) -> NoAssociation:
    with pytest.raises(NoAssociation) as caught:
        echo(port, how)
    return caught.value


@contextmanager
def scp(pair: Pair | None, *, clients_of: Path | None = None) -> Iterator[int]:
    """A Verification SCP of pynetdicom's that insists on its AE title."""
    entity = AE(ae_title="PACS")
    entity.require_called_aet = True
    entity.add_supported_context(VERIFICATION)
    tls = None if pair is None else server_context(pair, clients_of=clients_of)
    server = entity.start_server((LOOPBACK, 0), block=False, ssl_context=tls)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        entity.shutdown()


@contextmanager
def process(arguments: list[str], port: int) -> Iterator[int]:
    """A peer of somebody else's that listens on a port."""
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and child.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, port)) == 0:
                    break
            time.sleep(0.05)
        try:
            yield port
        finally:
            child.kill()


def storescp(hospital: Hospital, *options: str | Path) -> list[str]:
    return command("storescp", "+tls", hospital.pacs.key, hospital.pacs.certificate, *options)


@pytest.mark.parametrize("profile", ["--profile-bcp195-nd", "--profile-bcp195", "--profile-bcp195-ex"])
def test_dcmtk_takes_our_certificate(hospital: Hospital, profile: str) -> None:
    port = free_port()
    trust = ("--add-cert-file", hospital.authority.certificate, "--require-peer-cert", profile)
    with process([*storescp(hospital, *trust), str(port)], port):
        assert echo(port, handshake(hospital.tls(certificate=hospital.dosewire))) == 0


def test_dcmtk_does_not_take_none_or_another(hospital: Hospital) -> None:
    port = free_port()
    trust = ("--add-cert-file", hospital.authority.certificate, "--require-peer-cert")
    with process([*storescp(hospital, *trust), str(port)], port):
        without = refusal(port, handshake(hospital.tls()))
        assert isinstance(without, NoTls)
        assert "wants a certificate of ours" in str(without)
        other = refusal(port, handshake(hospital.tls(certificate=hospital.stranger)))
        assert isinstance(other, NoTls)
        assert "certificate" in str(other)


def test_the_name_is_checked_unless_the_node_s_settings_say_no(hospital: Hospital) -> None:
    with scp(hospital.authority.sign("nameless", hosts="DNS:pacs.example.org")) as port:
        error = refusal(port, handshake(hospital.tls()))
        assert isinstance(error, NoTls)
        assert error.why.lasts
        assert "not for 127.0.0.1: set tls_name" in str(error)
        assert echo(port, handshake(hospital.tls(), name="pacs.example.org")) == 0
        assert "not for other.example.org" in str(refusal(port, handshake(hospital.tls(), name="other.example.org")))
        assert echo(port, handshake(hospital.tls(), is_checked=False)) == 0


def test_without_the_check_of_the_name_the_authorities_have_to_be_named() -> None:
    tls = ClientTls(certificate=None, authorities=None)
    with pytest.raises(TlsError, match="DOSEWIRE_TLS_REMOTE_CA is not set"):
        handshake(tls, is_checked=False)
    assert handshake(tls).server_name == LOOPBACK


def test_the_certificate_of_one_device_may_stand_for_itself(hospital: Hospital) -> None:
    with scp(hospital.stranger) as port:
        assert echo(port, handshake(hospital.tls(authorities=hospital.stranger.certificate))) == 0
    alone = self_signed(hospital.folder, "alone")
    with scp(alone) as port:
        assert echo(port, handshake(hospital.tls(authorities=alone.certificate), is_checked=False)) == 0


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (
            lambda hospital: hospital.stranger,
            "an authority that we do not trust: add the authority to DOSEWIRE_TLS",
        ),
        (lambda hospital: self_signed(hospital.folder, "self"), "of an authority that we do not trust"),
        (lambda hospital: hospital.authority.sign("old", days=-1), "has expired: it has to be renewed there"),
        (lambda hospital: hospital.authority.sign("client", usage="clientAuth"), "that we do not accept: unsuitable"),
    ],
    ids=["of another authority", "of none", "expired", "for another purpose"],
)
def test_a_certificate_that_we_do_not_take(hospital: Hospital, pair: Callable[[Hospital], Pair], words: str) -> None:
    with scp(pair(hospital)) as port:
        error = refusal(port, handshake(hospital.tls()))
    assert isinstance(error, NoTls)
    assert error.why.lasts
    assert words in str(error)


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        (lambda _: None, "wants a certificate of ours: set DOSEWIRE_TLS_CERTIFICATE"),
        (lambda hospital: hospital.stranger, "does not accept our certificate (DOSEWIRE_TLS_CERTIFICATE)"),
        (
            lambda hospital: hospital.authority.sign("ended", days=-1),
            "our certificate (DOSEWIRE_TLS_CERTIFICATE) has exp",
        ),
    ],
    ids=["none", "of another authority", "expired"],
)
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_our_certificate_is_not_taken(
    hospital: Hospital, shows: Callable[[Hospital], Pair | None], words: str, version: str
) -> None:
    port = free_port()
    openssl = ["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-quiet", version, "-Verify", "2"]
    openssl += ["-verify_return_error", "-CAfile", str(hospital.authority.certificate)]
    openssl += ["-cert", str(hospital.pacs.certificate), "-key", str(hospital.pacs.key)]
    with process(openssl, port):
        error = refusal(port, handshake(hospital.tls(certificate=shows(hospital))))
    assert isinstance(error, NoTls), error
    assert words in str(error)


def test_tls_where_there_is_no_dicom(hospital: Hospital) -> None:
    port = free_port()
    openssl = ["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-quiet"]
    openssl += ["-cert", str(hospital.pacs.certificate), "-key", str(hospital.pacs.key)]
    began = time.monotonic()
    with process(openssl, port):
        error = refusal(port, handshake(hospital.tls()))
    assert not isinstance(error, NoTls | NotConnected)
    assert time.monotonic() - began < 5  # its session tickets have arrived, and are no answer


@pytest.mark.parametrize("resets", [False, True])
def test_a_peer_that_closes_after_the_handshake(hospital: Hospital, *, resets: bool) -> None:
    context = server_context(hospital.pacs)

    def serve() -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as secured:
            if resets:
                secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        error = refusal(listener.getsockname()[1], handshake(hospital.tls()))
        thread.join()
    assert isinstance(error, NoTls)
    assert "closes the connection right after the TLS handshake" in str(error)


def test_tls_where_the_peer_speaks_without(hospital: Hospital) -> None:
    answer = bytes((7, 0, 0, 0, 0, 4, 0, 0, 2, 1))  # an A-ABORT: what it read was no PDU
    with RawPeer(answer=answer) as peer:
        error = refusal(peer.port, handshake(hospital.tls()))
    assert isinstance(error, NoTls)
    assert "does not speak TLS there" in str(error)
    for command_line in (command("storescp"), command("storescp", "--fork")):
        port = free_port()
        with process([*command_line, str(port)], port):
            error = refusal(port, handshake(hospital.tls()))
            assert isinstance(error, NoTls)
            assert "speak TLS" in str(error)
    with scp(None) as port:
        assert "speak TLS" in str(refusal(port, handshake(hospital.tls())))


def test_none_where_the_peer_speaks_tls(hospital: Hospital) -> None:
    port = free_port()
    trust = ("--add-cert-file", hospital.authority.certificate)
    with process([*storescp(hospital, *trust), str(port)], port):
        error = refusal(port, None)
        assert isinstance(error, NoAnswer)
        assert error.is_closed
    port = free_port()
    openssl = ["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-quiet"]
    openssl += ["-cert", str(hospital.pacs.certificate), "-key", str(hospital.pacs.key)]
    with process(openssl, port):
        assert str(refusal(port, None)) == "closes the connection without a word"
    alert = bytes((0x15, 3, 3, 0, 2, 2, 70))
    with RawPeer(answer=alert) as peer:
        error = refusal(peer.port, None)
    assert isinstance(error, NoTls)
    assert "speaks TLS there: set tls of its settings here to true" in str(error)


@pytest.mark.parametrize("drip", [b"", b"\x16\x03\x03"], ids=["silent", "trickling"])
def test_a_handshake_that_does_not_end_holds_nobody(hospital: Hospital, drip: bytes) -> None:
    began = time.monotonic()
    with RawPeer(drip=drip) as peer:
        error = refusal(peer.port, handshake(hospital.tls()))
    assert isinstance(error, NoTls)
    assert time.monotonic() - began < SECONDS + 2
    if not drip:
        assert str(error) == "does not finish the TLS handshake within 1 seconds"
        assert not error.why.lasts


def test_a_guard_ends_a_handshake_at_once(hospital: Hospital) -> None:
    guarded: list[socket.socket] = []
    with RawPeer() as peer:
        call = to(peer.port, handshake(hospital.tls()), seconds=20)
        timer = threading.Timer(0.3, lambda: shut_down(guarded[-1]))
        timer.start()
        began = time.monotonic()
        with pytest.raises(NoTls), associated(call, [VERIFICATION], guard=guarded.append):
            pass
        assert time.monotonic() - began < 3
    assert len(guarded) == 2


def test_rejections_come_through_tls(hospital: Hospital) -> None:
    with scp(hospital.pacs) as port:
        for _ in range(10):
            with pytest.raises(Rejected, match="does not know the AE title NOBODY"):
                echo(port, handshake(hospital.tls()), called="NOBODY")


def test_files_that_are_replaced_are_taken_up(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.tls.renewed.LOOK_EVERY_SECONDS", 0.0)
    ours = Pair(hospital.folder / "ours.pem", hospital.folder / "ours.key.pem")
    authorities = hospital.folder / "authorities.pem"

    def put(pair: Pair, authority: Authority) -> None:
        shutil.copy(pair.certificate, ours.certificate)
        shutil.copy(pair.key, ours.key)
        shutil.copy(authority.certificate, authorities)

    put(hospital.stranger, hospital.strangers)
    tls = hospital.tls(certificate=ours, authorities=authorities)
    with scp(hospital.pacs, clients_of=hospital.authority.certificate) as port:
        assert "an authority that we do not trust" in str(refusal(port, handshake(tls)))
        put(hospital.dosewire, hospital.authority)
        assert echo(port, handshake(tls)) == 0
        ours.key.write_text("broken")
        assert echo(port, handshake(tls)) == 0  # with those from before
    fresh = hospital.tls(certificate=ours, authorities=authorities)
    with pytest.raises(TlsError, match=r"DOSEWIRE_TLS_KEY \(.*ours.key.pem\): cannot be used"):
        handshake(fresh)
    authorities.write_text("nothing")
    with pytest.raises(TlsError, match=r"DOSEWIRE_TLS_REMOTE_CA \(.*\): holds no certificate in PEM format"):
        handshake(hospital.tls(authorities=authorities))
    authorities.unlink()
    with pytest.raises(TlsError, match=r"DOSEWIRE_TLS_REMOTE_CA \(.*\): No such file"):
        handshake(hospital.tls(authorities=authorities))
