"""Certificates for tests, made by openssl: an authority, and what it signs."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

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

    def sign(self, name: str, *, days: int = 90, usage: str = "serverAuth,clientAuth") -> Pair:
        """Make a key and a certificate for localhost."""
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key.pem")
        request = self._folder / f"{name}.csr"
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"extendedKeyUsage={usage}\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self._own.certificate, "-CAkey", self._own.key, "-CAcreateserial",
            "-days", str(days), "-extfile", extensions, "-out", pair.certificate,
        )  # fmt: skip
        return pair


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
