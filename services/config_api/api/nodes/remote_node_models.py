"""The responses of remote nodes: models of the REST interface."""

from typing import Self

from pydantic import Field

from services.config_api.api.common.base import Moment, ResponseModel
from shared.database.models import RemoteNode
from shared.jobs.node_settings import NodeSettings


class RemoteNodeOutput(ResponseModel):
    """A remote node."""

    id: int
    name: str
    ae_title: str
    calling_ae_title: str
    hostname: str | None
    ip_address: str | None
    port: int
    qr_settings: NodeSettings
    has_dicomweb_credentials: bool = Field(description="Whether there are any; they themselves are never shown")
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, node: RemoteNode) -> Self:
        """Return the response for a node."""
        return cls.model_validate(node)


class RemoteNodeList(ResponseModel):
    """All remote nodes, by name."""

    items: list[RemoteNodeOutput]
