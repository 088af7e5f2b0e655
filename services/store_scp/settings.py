"""The settings of the Store SCP service, and the part of them that a node process is given."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from shared.settings import EnvironmentSettings, Port, Settings

Seconds = Annotated[float, Field(gt=0)]


class NodeSettings(EnvironmentSettings):
    """What all nodes of an installation have in common. A node process has no access to database and broker."""

    data_dir: Path
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    dicom_bind: str = "0.0.0.0"  # noqa: S104 (scanners must reach it; callers of another AE title are rejected)
    """The address that nodes listen on."""
    maximum_associations: Annotated[int, Field(ge=1, le=1000)] = 200
    """Associations that a node serves at the same time; further ones are told "local limit exceeded"."""
    network_timeout_seconds: Seconds = 60.0
    """How long a peer may be silent, within a PDU or between messages, until its association is aborted."""
    drain_seconds: Seconds = 10.0
    """How long a node that is stopped waits for the objects that are on their way."""


class StoreScpSettings(NodeSettings, Settings):
    """What the supervisor needs. It checks the nodes' settings too, so that a wrong one is reported at the start."""

    health_port: Port = 9101
    sweep_seconds: Seconds = 30.0
    """How often the spool is looked through for objects that have not been published."""
    republish_after_seconds: Seconds = 900.0
    """When an object that was published and still lies there, with nothing left in the queues, is published again."""
