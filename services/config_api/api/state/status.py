"""REST resource of the state of the whole installation, as `dosewire status` shows it."""

from http import HTTPStatus

from flask import Response
from pydantic import Field

from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.api.nodes.store_node_models import Observed
from services.config_api.api.state.queues import QueueOutput
from services.config_api.status import overview
from services.config_api.web.current import context

api = blueprint("status", tag="Status", description="Everything in one look")


class ServiceOutput(ResponseModel):
    """The readiness of a service, as it reports it."""

    name: str
    ready: bool
    detail: str


class EchoSummary(ResponseModel):
    """The outcome of the last C-ECHO, at most some 90 seconds ago."""

    alive: bool | None = Field(description="null: the node was asked, and there is no outcome yet")
    state: str = Field(examples=["alive", "association fail", "no answer yet"])
    detail: str
    duration_ms: int | None = Field(description="null where it is not known, as of a managed store node")


class NodeStatusOutput(ResponseModel):
    """A node: the wanted state (`enabled`), the state reported by store_scp, and the outcome of a C-ECHO."""

    id: int
    name: str
    kind: str
    ae_title: str
    host: str
    port: int
    managed: bool
    enabled: bool
    callers: str = Field(description="The callers that it admits, in short; empty where Dosewire does not run it")
    restricts_callers: bool = Field(description="Its admission differs from the one of a new node, which admits all")
    observed: Observed | None = Field(validation_alias="observation")
    echo: EchoSummary | None


class SpoolOutput(ResponseModel):
    """The numbers of files in the spool."""

    incoming: int = Field(description="Objects that wait for their import")
    quarantine: int = Field(description="Objects that could not be imported")
    commitment_requests: int = Field(description="Storage commitment requests that wait for their report")
    free_bytes: int


class StatusOutput(ResponseModel):
    """The state of the installation. A value is null if the service or server that has it is away."""

    ok: bool = Field(description="Whether nothing is down")
    down: list[str] = Field(description="Everything that does not work, in words")
    warnings: list[str] = Field(description="Everything that a person should look at, in words")
    services: list[ServiceOutput]
    nodes: list[NodeStatusOutput] | None
    queues: list[QueueOutput] | None
    objects_last_24_hours: dict[str, int] | None = Field(description="Received objects by state")
    spool: SpoolOutput | None


@api.get("", responses={HTTPStatus.OK: StatusOutput})
def get_status() -> Response:
    """Look at services, nodes (by C-ECHO), queues, objects and spool."""
    seen = overview.look(context())
    return answer(
        StatusOutput.model_validate(
            {
                "ok": not seen.down,
                "down": seen.down,
                "warnings": seen.warnings,
                "services": seen.services,
                "nodes": seen.nodes,
                "queues": seen.queues,
                "objects_last_24_hours": seen.objects,
                "spool": seen.spool,
            }
        )
    )
