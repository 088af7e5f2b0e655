"""The plan of a node test: the node, the destination, the study, and time limits. Values only."""

import threading
from dataclasses import dataclass
from datetime import date

from services.qr.remote.archive import Limits
from services.qr.remote.peer import Peer, WebPeer
from shared.dicom.destination import Destination

ANSWER_SECONDS = 20.0
"""The longest wait for one answer, in seconds: a person is waiting for the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """The common part of the plans of all node tests.

    Attributes:
        limits: how long the node may take; `total` is for one association, or for all requests over HTTP.
        study_instance_uid: the study to try with; None: one of the last days, if there is any.
        today: the last day for which a study is looked for.
        modality_key: True: queries contain Modality (0008,0060) too.
        stop: set when this process shall end.
    """

    limits: Limits
    study_instance_uid: str | None
    today: date
    modality_key: bool = False
    stop: threading.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DimseCheckPlan(CheckPlan):
    """The test of a node that speaks DIMSE.

    Attributes:
        peer: the node.
        destination: the target of the last step's C-MOVE; None: that step is skipped.
        by_get: True: jobs retrieve by C-GET, so the node need not know the destination.
        arrival_seconds: from the end of the C-MOVE until its object has been received.
    """

    peer: Peer
    destination: Destination | None
    by_get: bool = False
    arrival_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCheckPlan(CheckPlan):
    """The test of a node that offers web services. `peer`: the node."""

    peer: WebPeer


def limits_of_check(*, connect: float, acse: float, answers: float = ANSWER_SECONDS) -> Limits:
    """Return the time limits of a node test, in seconds."""
    return Limits(connect=connect, acse=acse, idle=answers, total=connect + acse + answers)
