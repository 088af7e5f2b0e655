"""What a test of a remote node consists of, and what comes of it."""

from dataclasses import dataclass
from enum import StrEnum

from services.config_api.echo import SYSTEM_TLS, Target
from shared.dicom.destination import Destination
from shared.tls.client import ClientTls


class Step(StrEnum):
    """The steps; each needs those before it."""

    TCP = "tcp"
    ASSOCIATION = "association"
    ECHO = "echo"
    FIND = "find"
    MOVE = "move"
    HTTP = "http"
    QIDO = "qido"
    WADO = "wado"


STEPS = (Step.TCP, Step.ASSOCIATION, Step.ECHO, Step.FIND, Step.MOVE)
"""Those with a node that speaks DIMSE, in their order."""
WEB_STEPS = (Step.TCP, Step.HTTP, Step.QIDO, Step.WADO)
"""Those with one that offers web services."""


class Verdict(StrEnum):
    """How a step went."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """Nothing speaks against it, but it could not be tried in earnest."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step went, and why, in words that say what to do."""

    step: Step
    verdict: Verdict
    detail: str
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to test. All times in seconds.

    Attributes:
        target: the remote node.
        max_pdu_bytes: the longest PDU that we accept; 0: any.
        destination: where the last step has something sent; None: it is skipped.
        study_instance_uid: the study to try with; None: one of the last days, if there is any.
        connect: for the TCP connection.
        acse: for the association, and for the C-ECHO.
        answers: for everything that comes after.
        arrival: from the end of the C-MOVE until its object has been received.
        by_get: whether jobs retrieve by C-GET, so that it need not know the destination.
        tls: how it is called where it speaks TLS.
    """

    target: Target
    max_pdu_bytes: int
    destination: Destination | None
    study_instance_uid: str | None
    connect: float
    acse: float
    answers: float
    arrival: float
    by_get: bool = False
    tls: ClientTls = SYSTEM_TLS
