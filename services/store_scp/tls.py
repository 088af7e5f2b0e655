"""TLS for nodes, as the BCP 195 RFC 8996, 9325 profile wants it (PS3.15 B.12), with files that may be replaced.

TLS 1.2 or 1.3, forward secrecy and authenticated encryption only; no compression, no renegotiation, no session tickets
(whose keys would have to be changed: a device calls a few times an hour).
"""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.store_scp.certificate import valid_until, why_renew
from shared.errors import DosewireError
from shared.logging import get_logger

LOOK_EVERY_SECONDS = 1.0
RETRY_EVERY_SECONDS = 30.0
"""How often files that could not be used are tried again though they look the same."""
CIPHERS_OF_TLS_1_2 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=2"
)
"""RFC 9325 section 4.2; the level keeps out keys of less than 112 bits of security. TLS 1.3 has good ones only."""
_ALPN = "dicom"
_MOST_FLIGHTS = 4
"""In which a handshake is over (RFC 8446 section 2, RFC 5246 section 7.3)."""

log = get_logger(__name__)


class TlsError(DosewireError):
    """The certificate, the key or the authorities cannot be used, with the reason in words."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files of an installation."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    @classmethod
    def of(cls, *, certificate: Path | None, key: Path | None, client_ca: Path | None) -> "TlsFiles | None":
        """Return the files that the settings name, None where they name none."""
        return cls(certificate, key, client_ca) if certificate is not None and key is not None else None


class TlsContext:
    """The context for the next handshake, made anew when its files change. Safe to be used by several threads.

    Files that are replaced by broken ones, or of which only one has been replaced yet, leave everything as it was.

    Args:
        files: certificate, key and authorities; None: the settings name none.
        require_client_certificate: whether a peer has to show a certificate.
        clock: monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        files: TlsFiles | None,
        require_client_certificate: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._require = require_client_certificate
        self._clock = clock
        self._lock = threading.Lock()
        self._look_at = self._retry_at = float("-inf")
        self._seen: object = None
        self._context: ssl.SSLContext | None = None
        self._until: datetime | None = None
        self._problem: str | None = None

    def current(self) -> ssl.SSLContext:
        """Return the context for the next handshake.

        Raises:
            TlsError: there never was a certificate that could be used.
        """
        with self._lock:
            if self._clock() >= self._look_at:
                self._look_at = self._clock() + LOOK_EVERY_SECONDS
                self._look()
            if self._context is None:
                raise TlsError(self._problem or "TLS is not set up")
            return self._context

    def problem(self) -> str | None:
        """Return in words what an operator should know: files that cannot be used, a certificate that ends soon."""
        try:
            self.current()
        except TlsError as error:
            return str(error)
        if self._problem is not None:
            return f"{self._problem}; the certificate from before stays in use"
        return why_renew(self._until, now=datetime.now(UTC)) if self._until else None

    def _look(self) -> None:
        seen = [_look_of(path) for path in self._paths()]
        if seen == self._seen and not (self._problem and self._clock() >= self._retry_at):
            return
        self._seen, self._retry_at = seen, self._clock() + RETRY_EVERY_SECONDS
        before = self._problem
        try:
            context, self._until = _load(self._files, require_client_certificate=self._require)
        except TlsError as error:
            self._problem = str(error)
            if self._problem != before:
                log.error("TLS files cannot be used", reason=self._problem, old_ones_in_use=self._context is not None)
            return
        self._problem = None
        if self._context is not None:
            log.info("TLS files loaded anew", certificate_valid_until=self._until.isoformat())
        self._context = context

    def _paths(self) -> list[Path]:
        if self._files is None:
            return []
        return [path for path in (self._files.certificate, self._files.key, self._files.client_ca) if path is not None]


def client_context(files: TlsFiles | None) -> ssl.SSLContext:
    """Return the context with which the supervisor calls its own nodes: it looks whether they answer, not who.

    It shows our own certificate, which `TlsContext` accepts beside those of the authorities.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if files is not None:
        _load_certificate(context, files)
    return context


def accepts(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Tell whether a handshake between two contexts succeeds, without a connection.

    A certificate for servers only is none with which the supervisor can call a node that asks for one.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = {
        client.wrap_bio(to_client, to_server, server_side=False),
        server.wrap_bio(to_server, to_client, server_side=True),
    }
    for _ in range(_MOST_FLIGHTS):
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
            ends.remove(end)
    return not ends


def why_no_handshake(error: Exception) -> str:
    """Return in words why a handshake with a peer failed; nothing that the peer sent becomes part of them."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted: {error.verify_message}"
        case TimeoutError():
            return "it did not finish the handshake in time"
        case ssl.SSLEOFError() | ConnectionError():
            return "it closed the connection during the handshake"
        case ssl.SSLError():
            reason = str(error.reason or "unknown reason")
            return _PEER_FAULTS.get(reason, reason.lower().replace("_", " "))
        case _:
            return type(error).__name__


_PEER_FAULTS = {
    "HTTP_REQUEST": "it does not speak TLS but HTTP",
    "WRONG_VERSION_NUMBER": "it does not speak TLS; switch TLS on at the device",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS later than 1.1",
    "VERSION_TOO_LOW": "it speaks no TLS later than 1.1",
    "NO_SHARED_CIPHER": "it knows none of our cipher suites",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it showed no certificate of its own",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the authority of our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our certificate has expired",
}


def _load(files: TlsFiles | None, *, require_client_certificate: bool) -> tuple[ssl.SSLContext, datetime]:
    if files is None:
        raise TlsError("TLS needs a certificate; set DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0
    context.set_ciphers(CIPHERS_OF_TLS_1_2)
    context.set_alpn_protocols([_ALPN])
    _load_certificate(context, files)
    if require_client_certificate:
        _load_authorities(context, files)
    try:
        return context, valid_until(files.certificate.read_text(encoding="ascii", errors="replace"))
    except (OSError, ValueError) as error:
        raise TlsError(f"DOSEWIRE_TLS_CERTIFICATE ({files.certificate}): {error}") from None


def _load_certificate(context: ssl.SSLContext, files: TlsFiles) -> None:
    for variable, path in (("CERTIFICATE", files.certificate), ("KEY", files.key)):
        _check_readable(variable, path)
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        raise TlsError(
            f"DOSEWIRE_TLS_CERTIFICATE ({files.certificate}) and DOSEWIRE_TLS_KEY ({files.key}): "
            f"{_why_not_loaded(error, files)}"
        ) from None


def _why_not_loaded(error: ssl.SSLError, files: TlsFiles) -> str:
    if b"ENCRYPTED" in files.key.read_bytes():  # in the first or second line, as PKCS #8 and older formats say it
        return "the key has a passphrase; store it without"
    return _OUR_FAULTS.get(error.reason or "", f"cannot be used: {error.reason or 'not in PEM format'}")


def _load_authorities(context: ssl.SSLContext, files: TlsFiles) -> None:
    if files.client_ca is None:
        raise TlsError("client certificates are required, but DOSEWIRE_TLS_CLIENT_CA names no authority; set it")
    _check_readable("CLIENT_CA", files.client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # our own certificate stands for itself
    try:
        context.load_verify_locations(files.client_ca)
    except ssl.SSLError:
        raise TlsError(f"DOSEWIRE_TLS_CLIENT_CA ({files.client_ca}): holds no certificate in PEM format") from None
    context.load_verify_locations(files.certificate)


def _check_readable(variable: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise TlsError(f"DOSEWIRE_TLS_{variable} ({path}): {error.strerror}") from None


_OUR_FAULTS = {
    "KEY_VALUES_MISMATCH": "do not belong together",
    "KEY_TYPE_MISMATCH": "do not belong together",
    "EE_KEY_TOO_SMALL": "the key is too short; use RSA with 2048 bits, or an elliptic curve",
    "CA_MD_TOO_WEAK": "the certificate is signed with an algorithm that is no longer safe",
}


def _look_of(path: Path) -> tuple[int, ...] | None:
    """Return what changes when a file is replaced or written to; None where it cannot be seen."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
