from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.settings import load
from shared.tls.client import ServerIdentity
from shared.tls.files import TlsError
from shared.tls.settings import RemoteTlsSettings
from tools.peers.certificates import self_signed


def test_without_files_remote_nodes_are_called_as_the_system_trusts() -> None:
    settings = load(RemoteTlsSettings, {})
    assert settings.certificate_files is None
    handshake = settings.tls_of_remote_nodes().handshake(ServerIdentity("pacs.example.org"))
    assert handshake.context.check_hostname
    assert not settings.tls_of_remote_nodes().has_authorities


def test_our_own_nodes_are_trusted_by_the_certificate_that_they_show(tmp_path: Path) -> None:
    pair = self_signed(tmp_path, "dosewire")
    environment = {"DOSEWIRE_TLS_CERTIFICATE": str(pair.certificate), "DOSEWIRE_TLS_KEY": str(pair.key)}
    ours = load(RemoteTlsSettings, environment).tls_of_our_nodes()
    (trusted,) = ours.handshake(ServerIdentity("localhost", is_checked=False)).context.get_ca_certs()
    assert (("commonName", "dosewire"),) in trusted["subject"]


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"TLS_CERTIFICATE": "c.pem"}, "DOSEWIRE_TLS_KEY: and DOSEWIRE_TLS_CERTIFICATE belong together"),
        ({"TLS_KEY": "k.pem"}, "DOSEWIRE_TLS_KEY: and DOSEWIRE_TLS_CERTIFICATE belong together"),
        ({"TLS_REMOTE_CA": "-----BEGIN CERTIFICATE-----"}, "DOSEWIRE_TLS_REMOTE_CA: must be the path of a PEM file"),
    ],
)
def test_settings_that_are_wrong_are_named_at_the_start(environment: dict[str, str], problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(RemoteTlsSettings, {f"DOSEWIRE_{name}": value for name, value in environment.items()})
    (said,) = caught.value.problems
    assert said.startswith(problem)
    assert "BEGIN" not in said


def test_files_that_are_broken_are_named_when_they_are_needed(tmp_path: Path) -> None:
    settings = load(RemoteTlsSettings, {"DOSEWIRE_TLS_REMOTE_CA": str(tmp_path / "missing.pem")})
    with pytest.raises(TlsError, match=r"DOSEWIRE_TLS_REMOTE_CA \(.*missing.pem\): No such file or directory"):
        settings.tls_of_remote_nodes().handshake(ServerIdentity("pacs.example.org"))
