"""The settings of the qr service, from its environment."""

from typing import Annotated

from pydantic import Field, PositiveFloat, field_validator

from shared.dicom.ae_title import parse_ae_title
from shared.settings import Port, Settings
from shared.tls.settings import RemoteTlsSettings

LONGEST_STEP = 1500.0
"""Seconds. RabbitMQ closes a channel whose message stays unanswered for 30 minutes; a step ends well before."""


class QrSettings(RemoteTlsSettings, Settings):
    """The port of its health page, and its time limits for remote nodes. All times in seconds."""

    health_port: Port = 9103
    store_scp_host: str = "127.0.0.1"
    """The host of our own store nodes, as seen from here: for calls before a job begins, and for objects of C-GET."""
    calling_ae_title: str = "DOSEWIRE"
    """Our AE title when we send a C-ECHO to the store node of a third party."""
    echo_timeout: Annotated[float, Field(gt=0, le=30)] = 3.0
    """The time for each step of a C-ECHO, and for the connection and the association of a node test."""
    qr_connect_seconds: PositiveFloat = 10.0
    """The time for the TCP connection."""
    qr_acse_seconds: PositiveFloat = 30.0
    """The time for the answer to an association request, and to a release."""
    qr_idle_seconds: PositiveFloat = 300.0
    """The time from one response to the next."""
    qr_step_seconds: float = Field(default=1200.0, gt=0, le=LONGEST_STEP)
    """The time for a whole association: the query, or the retrieval of one study."""
    qr_arrival_seconds: PositiveFloat = 30.0
    """The time from the end of a retrieval until its objects are imported; later steps then check again."""
    qr_sweep_seconds: PositiveFloat = 60.0
    """The time between two searches for jobs whose message was lost."""
    qr_overdue_seconds: PositiveFloat = 300.0
    """The time after which a message that has not come counts as lost."""
    qr_schedule_seconds: PositiveFloat = 15.0
    """The time between two searches for schedules that are due."""

    @field_validator("calling_ae_title")
    @classmethod
    def _ae_title(cls, text: str) -> str:
        return parse_ae_title(text)
