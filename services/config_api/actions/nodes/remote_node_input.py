"""The inputs of a remote node: a whole node, and a change of one."""

from typing import Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import (
    FriendlyName,
    Host,
    IpAddress,
    Port,
    RemoteAeTitle,
    RequestModel,
)
from shared.dicomweb.settings import DicomwebCredentials
from shared.jobs.node_settings import NodeSettings


class RemoteNodeInput(RequestModel):
    """The wanted settings of a remote node."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "PACS", "ae_title": "ORTHANC", "hostname": "pacs.example.org", "port": 4242}]
        }
    )

    name: FriendlyName
    ae_title: RemoteAeTitle = Field(description="Its AE title, which Dosewire calls")
    calling_ae_title: RemoteAeTitle = Field(default="DOSEWIRE", description="The AE title that Dosewire gives itself")
    hostname: Host | None = None
    ip_address: IpAddress | None = Field(
        default=None, description="Used where there is no hostname", validate_default=True
    )
    port: Port
    qr_settings: NodeSettings = Field(default=NodeSettings(), description="Its settings for query and retrieve")
    dicomweb_credentials: DicomwebCredentials | None = Field(
        default=None, description="The credentials for its web services; a secret, which no response shows"
    )

    @field_validator("ip_address")
    @classmethod
    def _some_address(cls, ip_address: str | None, info: ValidationInfo) -> str | None:
        if ip_address is None and info.data.get("hostname", "wrong") is None:
            raise ValueError("hostname or ip_address is required; add one of them")
        return ip_address

    @field_validator("dicomweb_credentials")
    @classmethod
    def _of_some_use(cls, credentials: DicomwebCredentials | None, info: ValidationInfo) -> DicomwebCredentials | None:
        settings = info.data.get("qr_settings")
        if credentials is not None and settings is not None and settings.dicomweb is None:
            raise ValueError("has no use without qr_settings.dicomweb; null removes it")
        return credentials

    def row(self) -> dict[str, Any]:
        """Return the values of the columns, with the secrets, which `model_dump` hides."""
        credentials = self.dicomweb_credentials
        return self.model_dump(mode="json", exclude={"dicomweb_credentials"}) | {
            "dicomweb_credentials": None if credentials is None else credentials.stored()
        }


class RemoteNodePatch(RequestModel):
    """Changes of a remote node; fields that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"port": 104}]})

    name: FriendlyName | None = None
    ae_title: RemoteAeTitle | None = None
    calling_ae_title: RemoteAeTitle | None = None
    hostname: Host | None = None
    ip_address: IpAddress | None = None
    port: Port | None = None
    qr_settings: NodeSettings | None = Field(default=None, description="Takes the place of all settings there are")
    dicomweb_credentials: DicomwebCredentials | None = Field(
        default=None, description="Take the place of those there are; null removes them"
    )
