"""How a remote node wants to be queried: stored with the node."""

from datetime import time
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.dicomweb.settings import DicomwebSettings
from shared.tls.client import ServerIdentity

_NAME = r"^[A-Za-z0-9:]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$"
"""A host name, or an address of IPv4 or IPv6."""


class RetrieveBy(StrEnum):
    """How what is wanted comes to the store node."""

    MOVE = "move"
    """C-MOVE: the remote node calls the store node, which it has to know."""
    GET = "get"
    """C-GET: it comes over the association that we open, and the qr service passes it on."""


class NodeSettings(BaseModel):
    """What differs from node to node. None: as the qr service's own settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_associations: int = Field(default=4, ge=1, le=64)
    """How many associations all workers together may hold with it."""
    pause_seconds: float = Field(default=0.0, ge=0, le=60)
    """Between two requests of one worker."""
    hours_from: time | None = None
    """Jobs run only between these two times of the day (of the qr service's host); both or none."""
    hours_until: time | None = None
    modality_key: bool = False
    """It needs Modality (0008,0060) at STUDY level, as some do in place of Modalities in Study."""
    most_matches: int | None = Field(default=None, ge=1)
    """It cuts its answers off at this number without saying so."""
    retrieve_by: RetrieveBy = RetrieveBy.MOVE
    connect_seconds: float | None = Field(default=None, gt=0, le=300)
    acse_seconds: float | None = Field(default=None, gt=0, le=300)
    idle_seconds: float | None = Field(default=None, gt=0, le=1500)
    tls: bool = False
    """It is called with TLS."""
    tls_name: str | None = Field(default=None, pattern=_NAME)
    """The host name or IP address for which its certificate is, where that is not its address."""
    tls_check_name: bool = True
    """Its certificate has to be for that name. False: any certificate of our authorities will do."""
    dicomweb: DicomwebSettings | None = None
    """Where its web services are: then QIDO-RS and WADO-RS take the place of C-FIND and of C-MOVE or C-GET."""
    max_pdu_bytes: int = Field(default=16382, ge=0, le=1 << 20)
    """The longest PDU that we accept from it; 0: any."""

    def server_identity(self, address: str) -> ServerIdentity | None:
        """Return who the node at an address has to prove to be, None where it is called without TLS."""
        return ServerIdentity(self.tls_name or address, is_checked=self.tls_check_name) if self.tls else None

    @property
    def web_server_identity(self) -> ServerIdentity | None:
        """Return who the node's web services have to prove to be, None where they are called without TLS."""
        if self.dicomweb is None or not self.dicomweb.wants_tls:
            return None
        return ServerIdentity(self.tls_name or self.dicomweb.host, is_checked=self.tls_check_name)

    def is_open_at(self, moment: time) -> bool:
        """Tell whether jobs may run at this time of the day; the hours may pass midnight."""
        if self.hours_from is None or self.hours_until is None:
            return True
        if self.hours_from <= self.hours_until:
            return self.hours_from <= moment < self.hours_until
        return moment >= self.hours_from or moment < self.hours_until

    def seconds_until_open(self, moment: time) -> float:
        """Return how long it is from this time of the day until jobs may run; 0: now."""
        if self.hours_from is None or self.is_open_at(moment):
            return 0.0
        return (_seconds(self.hours_from) - _seconds(moment)) % 86400.0


def _seconds(moment: time) -> float:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
