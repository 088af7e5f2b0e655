"""The inputs of the admission of callers to a store node."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import Peer, RemoteAeTitle

MAXIMUM_ASSOCIATIONS = 1000
ASSOCIATIONS_PER_ADDRESS = 100
"""The limit of a new node, so that one device cannot take all associations."""
_MOST_ENTRIES = 500


def _each_once(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))


CallingAeTitles = Annotated[list[RemoteAeTitle], Field(max_length=_MOST_ENTRIES), AfterValidator(_each_once)]
Peers = Annotated[list[Peer], Field(max_length=_MOST_ENTRIES), AfterValidator(_each_once)]
Associations = Annotated[int, Field(ge=1, le=MAXIMUM_ASSOCIATIONS)]
IdleSeconds = Annotated[int, Field(ge=5, le=86_400)]


class AdmissionInput(BaseModel):
    """The callers that a managed node admits. By default all that use its AE title as called AE title."""

    check_called_ae_title: bool = Field(
        default=True,
        description="Whether a caller has to name the AE title of the node; otherwise any called AE title is accepted",
    )
    allowed_calling_ae_titles: CallingAeTitles = Field(
        default=[], description="Calling AE titles that may call; an empty list allows all", examples=[["CT1", "CT2"]]
    )
    allowed_peers: Peers = Field(
        default=[],
        description="Addresses and networks that may call; an empty list allows all",
        examples=[["192.0.2.10", "198.51.100.0/24", "2001:db8::/32"]],
    )
    maximum_associations: Associations | None = Field(
        default=None, description="At the same time; null: the setting DOSEWIRE_MAXIMUM_ASSOCIATIONS"
    )
    maximum_associations_per_ae_title: Associations | None = Field(
        default=None, description="Of one calling AE title at the same time; null: as many as the node"
    )
    maximum_associations_per_address: Associations | None = Field(
        default=ASSOCIATIONS_PER_ADDRESS,
        description="From one address at the same time; null: as many as the node",
    )
    idle_timeout_seconds: IdleSeconds | None = Field(
        default=None,
        description="How long a peer may be silent; null: the setting DOSEWIRE_NETWORK_TIMEOUT_SECONDS",
    )
    tls: bool = Field(default=False, description="Whether callers have to speak TLS 1.2 or 1.3")
    require_client_certificate: bool = Field(
        default=False, description="Whether they have to show a certificate of an authority that is trusted"
    )

    @field_validator("require_client_certificate")
    @classmethod
    def _certificates_need_tls(cls, required: bool, info: ValidationInfo) -> bool:
        if required and not info.data.get("tls", True):
            raise ValueError("is of no use without TLS; set tls to true as well")
        return required


class AdmissionPatch(BaseModel):
    """Changes of the admission of callers."""

    check_called_ae_title: bool | None = None
    allowed_calling_ae_titles: CallingAeTitles | None = None
    allowed_peers: Peers | None = None
    maximum_associations: Associations | None = None
    maximum_associations_per_ae_title: Associations | None = None
    maximum_associations_per_address: Associations | None = None
    idle_timeout_seconds: IdleSeconds | None = None
    tls: bool | None = None
    require_client_certificate: bool | None = None
