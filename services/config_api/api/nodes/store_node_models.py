"""The shapes of store nodes in requests and responses."""

from typing import Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import AeTitle, FriendlyName, Host, Port, RequestModel
from services.config_api.actions.nodes.admission_input import AdmissionInput, AdmissionPatch
from services.config_api.api.common.base import Moment, ResponseModel
from services.config_api.status.observation import observe
from shared.database.base import now
from shared.database.models import StoreNode, StoreNodeState


class StoreNodeInput(AdmissionInput, RequestModel):
    """A store node as it shall be."""

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
    """What to change of a store node; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: FriendlyName | None = None
    ae_title: AeTitle | None = None
    port: Port | None = None
    managed: bool | None = None
    host: Host | None = None
    enabled: bool | None = None
    keep_alive: bool | None = None


class Observed(ResponseModel):
    """What the store_scp service last reported of a node, as against what it should do."""

    state: StoreNodeState = Field(description="`unknown` where there is no fresh report")
    detail: str = Field(description="Why, in words")
    at: Moment | None = Field(description="When it was reported")


class StoreNodeOutput(ResponseModel):
    """A store node: what it shall do, and apart from that what it was seen to do."""

    id: int
    name: str
    ae_title: str
    port: int
    managed: bool
    host: str | None
    enabled: bool
    keep_alive: bool
    check_called_ae_title: bool
    allowed_calling_ae_titles: list[str]
    allowed_peers: list[str]
    maximum_associations: int | None
    maximum_associations_per_ae_title: int | None
    maximum_associations_per_address: int | None
    idle_timeout_seconds: int | None
    tls: bool
    require_client_certificate: bool
    switched_by: str = Field(description="Who has enabled or disabled it last, as far as that is known")
    switched_at: Moment | None
    observed: Observed
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, node: StoreNode) -> Self:
        """Return what the interface says of a node."""
        observed = Observed.model_validate(observe(node, now=now()))
        given = {name: getattr(node, name) for name in cls.model_fields if name != "observed"}
        return cls(observed=observed, **given)


class StoreNodeList(ResponseModel):
    """All store nodes, by name."""

    items: list[StoreNodeOutput]
