import resource
import shutil
import socket
import ssl
import threading
from pathlib import Path

import pytest

from services.store_scp.common.tls import TlsContext, TlsFiles, accepts, client_context, why_no_handshake
from shared.tls.files import TlsError
from tools.peers.certificates import Authority, Pair, with_passphrase


class Made:
    """Certificates that openssl has made, for all tests."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.first, self.second = self.authority.sign("node"), self.authority.sign("node2")
        self.server_only = self.authority.sign("server", usage="serverAuth")
        self.soon = self.authority.sign("soon", days=10)
        self.device = self.authority.sign("device", usage="clientAuth")
        self.stranger = Authority(folder / "other", name="other authority").sign("device")


class Files:
    """The files that the settings name, the clock of the context, and what a device has."""

    def __init__(self, folder: Path, made: "Made") -> None:
        self.authority, self.first, self.second, self.device = made.authority, made.first, made.second, made.device
        self.named = TlsFiles(folder / "node.pem", folder / "node.key.pem", folder / "ca.pem")
        shutil.copy(self.authority.certificate, folder / "ca.pem")
        self.now = 0.0
        self.put(self.first)

    def put(self, pair: Pair) -> None:
        self.replace(pair.certificate, self.named.certificate)
        self.replace(pair.key, self.named.key)

    def replace(self, source: Path, target: Path) -> None:
        shutil.copy(source, target.with_suffix(".new"))
        target.with_suffix(".new").rename(target)
        self.now += 1.5

    def context(self, *, require_client_certificate: bool = False) -> TlsContext:
        return TlsContext(
            files=self.named, require_client_certificate=require_client_certificate, clock=lambda: self.now
        )

    def device_context(self, *, with_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        if with_certificate:
            context.load_cert_chain(self.device.certificate, self.device.key)
        return context


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture
def files(tmp_path: Path, made: Made) -> Files:
    return Files(tmp_path, made)


class Handshake:
    """A real handshake over a pair of sockets; what either side made of it, and a byte each way."""

    def __init__(self, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
        self.server_error: Exception | None = None
        self.client_error: Exception | None = None
        self.version: str | None = None
        self.cipher = ""
        self.subject = ""
        here, there = socket.socketpair()
        for end in (here, there):
            end.settimeout(10)
        thread = threading.Thread(target=self._serve, args=(server, here))
        thread.start()
        self._call(client, there)
        thread.join()

    def _serve(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.sendall(secured.recv(1))
            except OSError as error:
                self.server_error = error

    def _call(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with connection:
            try:
                with context.wrap_socket(connection, server_hostname="localhost") as secured:
                    secured.sendall(b"x")
                    assert secured.recv(1) == b"x"
                    self.version = secured.version()
                    self.cipher = (secured.cipher() or ("",))[0]
                    self.subject = str((secured.getpeercert() or {}).get("subject"))
            except OSError as error:
                self.client_error = error


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_device_that_trusts_the_authority_gets_through(files: Files, version: ssl.TLSVersion) -> None:
    client = files.device_context()
    client.minimum_version = client.maximum_version = version
    handshake = Handshake(files.context().current(), client)
    assert (handshake.server_error, handshake.client_error) == (None, None)
    assert handshake.version == version.name.replace("_", ".")


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_the_ciphers_of_the_profile_work(files: Files, cipher: str) -> None:
    client = files.device_context()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(cipher)
    assert Handshake(files.context().current(), client).cipher == cipher


def test_only_the_ciphers_of_the_profile_are_offered(files: Files) -> None:
    offered = {cipher["name"] for cipher in files.context().current().get_ciphers()}
    assert offered - {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"} == {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
    }


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_old_versions_and_weak_ciphers_do_not_get_through(files: Files) -> None:
    old = files.device_context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    refused = Handshake(files.context().current(), old).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it speaks no TLS later than 1.1"
    weak = files.device_context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA")
    refused = Handshake(files.context().current(), weak).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it knows none of our cipher suites"


def test_a_device_without_a_certificate_is_turned_away_where_one_is_required(files: Files) -> None:
    server = files.context(require_client_certificate=True).current()
    refused = Handshake(server, files.device_context()).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it showed no certificate of its own"
    assert Handshake(server, files.device_context(with_certificate=True)).server_error is None


def test_a_device_whose_certificate_another_authority_signed_is_turned_away(files: Files, made: Made) -> None:
    client = files.device_context()
    client.load_cert_chain(made.stranger.certificate, made.stranger.key)
    refused = Handshake(files.context(require_client_certificate=True).current(), client).server_error
    assert refused is not None
    assert why_no_handshake(refused).startswith("its certificate is not accepted: ")


def test_a_device_that_does_not_trust_us_is_told_from_others(files: Files) -> None:
    failed = Handshake(files.context().current(), ssl.create_default_context()).server_error
    assert failed is not None
    assert why_no_handshake(failed) == "it does not trust the authority of our certificate"


def test_the_supervisor_gets_through_with_our_own_certificate(files: Files, made: Made) -> None:
    files.replace(made.stranger.certificate, files.named.client_ca or Path())
    server = files.context(require_client_certificate=True).current()
    assert Handshake(server, client_context(files.named)).server_error is None
    assert Handshake(server, files.device_context(with_certificate=True)).server_error is not None, (
        "the other authority"
    )


def test_a_peer_that_speaks_something_else_is_told_so(files: Files) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\x01\x00\x00\x00\x00\xcd" + bytes(200))  # the beginning of an A-ASSOCIATE-RQ
        with pytest.raises(ssl.SSLError) as caught:
            files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(caught.value) == "it does not speak TLS; switch TLS on at the device"


def test_a_peer_that_is_silent_or_goes_away_is_told_so(files: Files) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.05)
        with pytest.raises(TimeoutError) as silent:
            files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(silent.value) == "it did not finish the handshake in time"
    here, there = socket.socketpair()
    there.close()
    with here, pytest.raises(OSError) as gone:  # noqa: PT011 (whichever OpenSSL makes of it)
        files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(gone.value) == "it closed the connection during the handshake"


def test_files_that_are_replaced_are_used_for_the_next_handshake(files: Files) -> None:
    context = files.context()
    assert "'node'" in Handshake(context.current(), files.device_context()).subject
    files.put(files.second)
    assert "'node2'" in Handshake(context.current(), files.device_context()).subject
    assert context.problem() is None


def test_files_that_stay_are_not_read_again(files: Files) -> None:
    context = files.context()
    first = context.current()
    files.now += 100
    assert context.current() is first


def test_half_a_replacement_keeps_the_old_certificate_until_the_rest_is_there(files: Files) -> None:
    context = files.context()
    before = context.current()
    files.replace(files.second.certificate, files.named.certificate)
    assert context.current() is before
    problem = context.problem() or ""
    assert "do not belong together" in problem
    assert problem.endswith("the certificate from before stays in use")
    files.replace(files.second.key, files.named.key)
    assert "'node2'" in Handshake(context.current(), files.device_context()).subject
    assert context.problem() is None


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]
)
def test_a_broken_certificate_keeps_the_old_one_and_says_so_once(
    files: Files, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    context = files.context()
    before = context.current()
    (tmp_path / "broken.pem").write_bytes(content)
    files.replace(tmp_path / "broken.pem", files.named.certificate)
    for _ in range(3):
        assert context.current() is before
        files.now += 100
    assert str(files.named.certificate) in (context.problem() or "")
    assert capsys.readouterr().out.count("TLS files cannot be used") == 1


def test_a_file_that_vanishes_or_may_not_be_read_is_named(files: Files) -> None:
    files.named.key.unlink()
    context = files.context()
    with pytest.raises(TlsError, match=r"DOSEWIRE_TLS_KEY .*: No such file or directory"):
        context.current()
    files.replace(files.first.key, files.named.key)
    assert context.problem() is None


def test_what_could_not_be_read_is_tried_again_though_it_looks_the_same(files: Files) -> None:
    context = files.context()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        assert "Too many open files" in (context.problem() or "")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files.now += 5
    assert context.problem() is not None
    files.now += 30
    assert context.problem() is None


def test_a_key_with_a_passphrase_is_refused_without_asking(files: Files) -> None:
    with_passphrase(files.named.key, passphrase="geheim")
    with pytest.raises(TlsError, match="the key has a passphrase; store it without"):
        files.context().current()


def test_without_files_there_is_no_tls() -> None:
    context = TlsContext(files=None, require_client_certificate=False)
    assert context.problem() == "TLS needs a certificate; set DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY"


def test_client_certificates_need_an_authority(files: Files) -> None:
    named = TlsFiles(files.named.certificate, files.named.key)
    context = TlsContext(files=named, require_client_certificate=True)
    assert "DOSEWIRE_TLS_CLIENT_CA names no authority" in (context.problem() or "")


def test_a_certificate_that_ends_soon_is_told(files: Files, made: Made) -> None:
    files.put(made.soon)
    context = files.context()
    assert (context.problem() or "").startswith("the TLS certificate ends on ")
    assert Handshake(context.current(), files.device_context()).server_error is None


def test_whether_two_contexts_come_together_is_found_out_without_a_connection(files: Files, made: Made) -> None:
    asking = files.context(require_client_certificate=True).current()
    assert accepts(asking, client_context(files.named))
    assert accepts(files.context().current(), client_context(None))
    assert not accepts(asking, client_context(None))
    files.put(made.server_only)
    files.now += 1.5
    server_only = files.context(require_client_certificate=True).current()
    assert not accepts(server_only, client_context(files.named)), "a certificate for servers only is none of a client"
    assert accepts(server_only, files.device_context(with_certificate=True))
