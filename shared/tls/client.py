"""The client side of TLS towards remote nodes: the trusted authorities, and our certificate."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from shared.tls.files import CertificateFiles, TlsError, load_authorities, load_certificate
from shared.tls.profile import ALPN_OF_DICOM, hardened
from shared.tls.renewed import Renewed

REMOTE_CA = "DOSEWIRE_TLS_REMOTE_CA"


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """The name that the certificate of a remote node must have."""

    name: str
    """The host name or IP address for which its certificate has to be."""
    is_checked: bool = True
    """True: the name is checked. PS3.15 does not require it, as the certificates of many devices name no host."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The beginning of TLS on a connection with one remote node."""

    context: ssl.SSLContext
    server_name: str

    def wrap(self, connected: socket.socket) -> ssl.SSLSocket:
        """Return the socket that takes the place of a connected one; `do_handshake` is up to the caller.

        Raises:
            ValueError: it is a name that TLS cannot ask for.
        """
        return self.context.wrap_socket(connected, server_hostname=self.server_name, do_handshake_on_connect=False)


class ClientTls:
    """Makes the handshakes of calls to remote nodes; replaced files are read again. For use by several threads.

    Args:
        certificate: ours, for nodes that ask for one; None: none is shown.
        authorities: PEM file of those that sign the certificates of remote nodes, or of these certificates
            themselves; None: those of the operating system.
        alpn: the protocol within TLS; None: it is not announced.
    """

    def __init__(
        self, *, certificate: CertificateFiles | None, authorities: Path | None, alpn: str | None = ALPN_OF_DICOM
    ) -> None:
        self._certificate = certificate
        self._authorities = authorities
        self._alpn = alpn
        paths = [] if certificate is None else [certificate.certificate, certificate.key]
        paths += [] if authorities is None else [authorities]
        self._contexts = Renewed(paths=paths, make=lambda: {checks: self._context(checks) for checks in (False, True)})

    @property
    def has_authorities(self) -> bool:
        """True if the settings name authorities of the hospital."""
        return self._authorities is not None

    def handshake(self, server: ServerIdentity) -> Handshake:
        """Return the handshake for a remote node.

        Raises:
            TlsError: the files cannot be used, or every certificate of a public authority would be accepted.
        """
        if not server.is_checked and self._authorities is None:
            raise TlsError(
                f"{REMOTE_CA} is not set and tls_check_name is false: every certificate of a public authority would be "
                f"accepted. Set {REMOTE_CA}, or set tls_check_name to true"
            )
        return Handshake(self._contexts.current()[server.is_checked], server.name)

    def with_alpn(self, alpn: str | None) -> "ClientTls":
        """Return the same for another protocol within TLS."""
        return ClientTls(certificate=self._certificate, authorities=self._authorities, alpn=alpn)

    def _context(self, checks_name: bool) -> ssl.SSLContext:
        context = hardened(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = checks_name
        if self._alpn is not None:
            context.set_alpn_protocols([self._alpn])
        if self._authorities is not None:
            load_authorities(context, self._authorities, setting=REMOTE_CA)
        else:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        if self._certificate is not None:
            load_certificate(context, self._certificate)
        return context
