"""The settings that name the files of TLS."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from shared.settings import EnvironmentSettings
from shared.tls.client import ClientTls
from shared.tls.files import CertificateFiles


def _names_a_file(path: Path) -> Path:
    if "-----BEGIN" in str(path):  # what the variant with _FILE reads; a message must not repeat it
        raise ValueError("must be the path of a PEM file, not its content; set it without _FILE")
    return path


PemFile = Annotated[Path, AfterValidator(_names_a_file)]


class CertificateSettings(EnvironmentSettings):
    """The certificate of the installation: store nodes show it, and we do when we call a node that asks for one."""

    tls_certificate: PemFile | None = None
    """PEM file of the certificate, followed by those that sign it."""
    tls_key: PemFile | None = Field(default=None, validate_default=True)
    """PEM file of its private key, without a passphrase."""

    @property
    def certificate_files(self) -> CertificateFiles | None:
        """The files, where there are any."""
        return CertificateFiles.of(certificate=self.tls_certificate, key=self.tls_key)

    @field_validator("tls_key")
    @classmethod
    def _key_of_the_certificate(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if (key is None) != (info.data.get("tls_certificate") is None):
            raise ValueError("and DOSEWIRE_TLS_CERTIFICATE belong together; set both or none")
        return key


class RemoteTlsSettings(CertificateSettings):
    """The settings of a service that calls nodes with TLS."""

    tls_remote_ca: PemFile | None = None
    """PEM file of the authorities that sign the certificates of remote nodes; those of the system without it."""

    def tls_of_remote_nodes(self) -> ClientTls:
        """Return how remote nodes are called that speak TLS."""
        return ClientTls(certificate=self.certificate_files, authorities=self.tls_remote_ca)

    def tls_of_our_nodes(self) -> ClientTls:
        """Return how store nodes of this installation are called: they show the very certificate that we have, too."""
        return ClientTls(certificate=self.certificate_files, authorities=self.tls_certificate)
