"""Certificates for tests, made by openssl: an authority, and certificates that it signs."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

LOCALHOST = "DNS:localhost,IP:127.0.0.1"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True)
class Pair:
    """PEM files of a certificate and its private key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates, and keeps everything in a folder."""

    def __init__(self, folder: Path, *, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = self_signed(folder, name)

    @property
    def certificate(self) -> Path:
        """Its own certificate."""
        return self._own.certificate

    def sign(self, name: str, *, days: int = 90, usage: str = "serverAuth,clientAuth", hosts: str = LOCALHOST) -> Pair:
        """Make a key and a certificate for `hosts`; negative `days`: it has expired."""
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key.pem")
        request = self._folder / f"{name}.csr"
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"extendedKeyUsage={usage}\nsubjectAltName={hosts}\n")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self._own.certificate, "-CAkey", self._own.key, "-CAcreateserial",
            "-days", str(days), "-extfile", extensions, "-out", pair.certificate,
        )  # fmt: skip
        return pair


def server_context(pair: Pair, *, clients_of: Path | None = None) -> ssl.SSLContext:
    """Return the TLS of a peer of ours; `clients_of`: the authority whose certificate callers have to show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if clients_of is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_of)
    return context


def self_signed(folder: Path, name: str, *, days: int = 90) -> Pair:
    """Make a key and a certificate that nobody else has signed."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key.pem")
    subject = ("-subj", f"/CN={name}", "-days", str(days))
    _openssl("req", "-x509", *_KEY, *subject, "-keyout", pair.key, "-out", pair.certificate)
    return pair


def with_passphrase(key: Path, *, passphrase: str) -> None:
    """Encrypt a key in its place."""
    encrypted = key.with_suffix(".encrypted")
    _openssl("pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", f"pass:{passphrase}")
    encrypted.rename(key)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
