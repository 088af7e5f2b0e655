"""The inputs of a store node: a whole node, and a change of one."""

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import AeTitle, FriendlyName, Host, Port, RequestModel
from services.config_api.actions.nodes.admission_input import AdmissionInput, AdmissionPatch


class StoreNodeInput(AdmissionInput, RequestModel):
    """The wanted settings of a store node."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "CT hall", "ae_title": "DOSEWIRE", "port": 11112},
                {
                    "name": "Cath lab",
                    "ae_title": "DOSEWIRE",
                    "port": 11113,
                    "allowed_calling_ae_titles": ["CATH1", "CATH2"],
                    "allowed_peers": ["192.0.2.0/24"],
                },
            ]
        }
    )

    name: FriendlyName
    ae_title: AeTitle
    port: Port
    managed: bool = Field(default=True, description="Started and stopped by Dosewire")
    host: Host | None = Field(default=None, description="Where a third party's node listens", validate_default=True)
    enabled: bool = Field(default=True, description="Whether a managed node shall run")
    keep_alive: bool = Field(default=True, description="Whether a managed node that fails is started again")

    @field_validator("host")
    @classmethod
    def _host_of_third_party(cls, host: str | None, info: ValidationInfo) -> str | None:
        managed = info.data.get("managed", True)
        if managed and host is not None:
            raise ValueError("a managed node listens where Dosewire runs; leave it out or set managed to false")
        if not managed and host is None:
            raise ValueError("is required for a node that Dosewire does not manage; add it")
        return host


class StoreNodePatch(AdmissionPatch, RequestModel):
    """Changes of a store node; fields that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: FriendlyName | None = None
    ae_title: AeTitle | None = None
    port: Port | None = None
    managed: bool | None = None
    host: Host | None = None
    enabled: bool | None = None
    keep_alive: bool | None = None
