import resource
import ssl
from pathlib import Path

import pytest

from services.store_scp.common.tls import TlsContext, TlsFiles
from shared.tls.files import TlsError
from tests.helpers.store_scp.tls import Files, Handshake, Made
from tools.peers.certificates import with_passphrase


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
