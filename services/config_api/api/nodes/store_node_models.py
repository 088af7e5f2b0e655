"""The responses of store nodes: models of the REST interface."""

from typing import Self

from pydantic import Field

from services.config_api.api.common.base import Moment, ResponseModel
from services.config_api.status.observation import observe
from shared.database.base import now
from shared.database.models import StoreNode, StoreNodeState


class Observed(ResponseModel):
    """The observed state of a node: the last report of the store_scp service."""

    state: StoreNodeState = Field(description="`unknown` where there is no fresh report")
    detail: str = Field(description="Why, in words")
    at: Moment | None = Field(description="When it was reported")


class StoreNodeOutput(ResponseModel):
    """A store node: its settings, and the state that store_scp reports."""

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
    switched_by: str = Field(
        description="The sender of the request that has enabled or disabled it last, as far as it is known"
    )
    switched_at: Moment | None
    observed: Observed
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, node: StoreNode) -> Self:
        """Return the response for a node."""
        observed = Observed.model_validate(observe(node, now=now()))
        given = {name: getattr(node, name) for name in cls.model_fields if name != "observed"}
        return cls(observed=observed, **given)


class StoreNodeList(ResponseModel):
    """All store nodes, by name."""

    items: list[StoreNodeOutput]
