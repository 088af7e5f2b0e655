"""The PEM files of TLS as settings name them. An error names the setting, the problem and the fix."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from shared.errors import DosewireError

CERTIFICATE, KEY = "DOSEWIRE_TLS_CERTIFICATE", "DOSEWIRE_TLS_KEY"


class TlsError(DosewireError):
    """The certificate, the key or the authorities cannot be used, with the reason in words."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """The PEM files of a certificate of ours, followed by those that sign it, and of its private key."""

    certificate: Path
    key: Path

    @classmethod
    def of(cls, *, certificate: Path | None, key: Path | None) -> "CertificateFiles | None":
        """Return the files that the settings name, None where they name none."""
        return cls(certificate, key) if certificate is not None and key is not None else None


def load_certificate(context: ssl.SSLContext, files: CertificateFiles) -> None:
    """Let a context show our certificate.

    Raises:
        TlsError: the files cannot be used.
    """
    for setting, path in ((CERTIFICATE, files.certificate), (KEY, files.key)):
        _check_readable(setting, path)
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        reason = _why_not_loaded(error, files)
        raise TlsError(f"{CERTIFICATE} ({files.certificate}) and {KEY} ({files.key}): {reason}") from None


def load_authorities(context: ssl.SSLContext, path: Path, *, setting: str) -> None:
    """Let a context trust the certificates of a file, each for itself too: that of one device may stand there.

    Raises:
        TlsError: the file cannot be used; the text names `setting`.
    """
    _check_readable(setting, path)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise TlsError(f"{setting} ({path}): holds no certificate in PEM format") from None


def _check_readable(setting: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise TlsError(f"{setting} ({path}): {error.strerror}") from None


def _why_not_loaded(error: ssl.SSLError, files: CertificateFiles) -> str:
    if b"ENCRYPTED" in files.key.read_bytes():  # in the first or second line, as PKCS #8 and older formats say it
        return "the key has a passphrase; store it without"
    return _OUR_FAULTS.get(error.reason or "", f"cannot be used: {error.reason or 'not in PEM format'}")


_OUR_FAULTS = {
    "KEY_VALUES_MISMATCH": "do not belong together",
    "KEY_TYPE_MISMATCH": "do not belong together",
    "EE_KEY_TOO_SMALL": "the key is too short; use RSA with 2048 bits, or an elliptic curve",
    "CA_MD_TOO_WEAK": "the certificate is signed with an algorithm that is no longer safe",
}
