"""The address of a remote node, for DIMSE (`Peer`) or HTTP (`WebPeer`). Values only."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.dicomweb.settings import DicomwebCredentials, DicomwebSettings
from shared.tls.client import Handshake


@dataclass(frozen=True, slots=True)
class Peer:
    """The address of a node for DIMSE."""

    name: str
    """Its name in Dosewire; it stands in every reason."""
    address: str
    port: int
    ae_title: str
    calling_ae_title: str
    max_pdu_bytes: int = 16382
    """The longest PDU that we accept; 0: any."""
    handshake: Callable[[], Handshake] | None = None
    """Returns the handshake of TLS, with its files as they are at the moment; None: the node is called without TLS."""

    def __str__(self) -> str:
        return f"{self.name} ({self.ae_title} at {self.address}:{self.port})"


@dataclass(frozen=True, slots=True)
class WebPeer:
    """The address of a node's web services."""

    name: str
    """Its name in Dosewire; it stands in every reason."""
    settings: DicomwebSettings
    credentials: DicomwebCredentials | None
    handshake: Callable[[], Handshake] | None
    """Returns the handshake of TLS; None: http."""

    def __str__(self) -> str:
        return f"{self.name} ({self.settings.url})"
