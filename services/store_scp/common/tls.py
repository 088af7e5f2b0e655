"""The TLS of store nodes: the BCP 195 RFC 8996, 9325 profile, with files that may be replaced; see `shared.tls`."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.store_scp.common.certificate import valid_until, why_renew
from shared.tls.files import CERTIFICATE, KEY, CertificateFiles, TlsError, load_authorities, load_certificate
from shared.tls.profile import ALPN_OF_DICOM, hardened
from shared.tls.renewed import Renewed

CLIENT_CA = "DOSEWIRE_TLS_CLIENT_CA"


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

    @property
    def own(self) -> CertificateFiles:
        """The certificate that nodes show, with its key."""
        return CertificateFiles(self.certificate, self.key)


class TlsContext:
    """The context for the next handshake, made anew when its files change. Safe to be used by several threads.

    Broken files, or a certificate and a key that do not fit yet, are not used: the context before them stays in use.

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
        paths = () if files is None else (files.certificate, files.key, files.client_ca)
        self._loaded = Renewed(
            paths=[path for path in paths if path is not None],
            make=lambda: _load(files, require_client_certificate=require_client_certificate),
            clock=clock,
        )

    def current(self) -> ssl.SSLContext:
        """Return the context for the next handshake.

        Raises:
            TlsError: there never was a certificate that could be used.
        """
        context, _ = self._loaded.current()
        return context

    def problem(self) -> str | None:
        """Return the remark for an operator: files that cannot be used, a certificate that ends soon."""
        try:
            _, until = self._loaded.current()
        except TlsError as error:
            return str(error)
        if self._loaded.problem is not None:
            return f"{self._loaded.problem}; the certificate from before stays in use"
        return why_renew(until, now=datetime.now(UTC))


def _load(files: TlsFiles | None, *, require_client_certificate: bool) -> tuple[ssl.SSLContext, datetime]:
    if files is None:
        raise TlsError(f"TLS needs a certificate; set {CERTIFICATE} and {KEY}")
    context = hardened(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.set_alpn_protocols([ALPN_OF_DICOM])
    load_certificate(context, files.own)
    if require_client_certificate:
        if files.client_ca is None:
            raise TlsError(f"client certificates are required, but {CLIENT_CA} names no authority; set it")
        context.verify_mode = ssl.CERT_REQUIRED
        load_authorities(context, files.client_ca, setting=CLIENT_CA)
        load_authorities(context, files.certificate, setting=CERTIFICATE)  # our own one: the supervisor calls with it
    try:
        return context, valid_until(files.certificate.read_text(encoding="ascii", errors="replace"))
    except (OSError, ValueError) as error:
        raise TlsError(f"{CERTIFICATE} ({files.certificate}): {error}") from None
