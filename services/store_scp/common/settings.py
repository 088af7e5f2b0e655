"""The settings of the Store SCP service, and the part of them that a node process is given."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from services.store_scp.common.tls import TlsFiles
from services.store_scp.common.watermark import LeastFree
from shared.settings import Port, Settings
from shared.tls.settings import CertificateSettings, PemFile, RemoteTlsSettings

Seconds = Annotated[float, Field(gt=0)]


def _least_free(value: object) -> object:
    return LeastFree.parse(value) if isinstance(value, str) else value


class StoreNodeSettings(CertificateSettings):
    """The settings that all nodes of an installation have in common; none for database and broker."""

    data_dir: Path
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    dicom_bind: str = "0.0.0.0"  # noqa: S104 (scanners must reach it; callers of another AE title are rejected)
    """The address that nodes listen on."""
    maximum_associations: Annotated[int, Field(ge=1, le=1000)] = 200
    """Associations that a node serves at the same time; further ones are told "local limit exceeded"."""
    node_processes: Annotated[int, Field(ge=1, le=8)] = 2
    """The number of processes that serve a node; several can use several processors."""
    network_timeout_seconds: Seconds = 60.0
    """Seconds that a peer may be silent, within a PDU or between messages, until its association is aborted."""
    drain_seconds: Seconds = 10.0
    """Seconds that a node that is stopped waits for objects in progress."""
    spool_watermark: Annotated[LeastFree, BeforeValidator(_least_free)] = LeastFree(size_bytes=2**30)
    """The space that must stay free on the disk of `data_dir`; below it nodes accept no association and no object."""
    tls_client_ca: PemFile | None = None
    """PEM file of the authorities that sign the certificates of devices."""

    @property
    def tls_files(self) -> TlsFiles | None:
        """The files for nodes that speak TLS, where there are any."""
        return TlsFiles.of(certificate=self.tls_certificate, key=self.tls_key, client_ca=self.tls_client_ca)

    @field_validator("tls_client_ca")
    @classmethod
    def _authority_beside_a_certificate(cls, authority: Path | None, info: ValidationInfo) -> Path | None:
        if authority is not None and info.data.get("tls_certificate") is None:
            raise ValueError("is of no use without DOSEWIRE_TLS_CERTIFICATE and DOSEWIRE_TLS_KEY; set them as well")
        return authority


class StoreScpSettings(StoreNodeSettings, RemoteTlsSettings, Settings):
    """The settings of the supervisor. They hold those of the nodes, so that a wrong one is reported at the start."""

    health_port: Port = 9101
    sweep_seconds: Seconds = 30.0
    """Seconds between two searches of the spool for objects that have not been published."""
    republish_after_seconds: Seconds = 900.0
    """Seconds until a published object that still lies in the spool is published again, if the queues are empty."""
    commitment_deadline_seconds: Seconds = 259200.0
    """Seconds within which the delivery of a report of storage commitment is attempted."""
