"""The last known C-ECHO of a node, for pages and REST. Pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.config_api.status.observation import observe
from shared.database.models import RemoteNode, StoreNode, StoreNodeState
from shared.jobs.echoes import FRESH_REMOTE, FRESH_STORE, EchoOutcome

ALIVE = "alive"
ASSOCIATION_FAIL = "association fail"
NOT_KNOWN = "no answer yet"
ANSWERS_WITHIN = timedelta(seconds=30)
"""Seconds that an outcome is shown longer than it is fresh: the most that the qr service needs for a C-ECHO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoStatus:
    """The outcome of a C-ECHO. `alive` is None where there is none yet, `duration_ms` where it is not known."""

    alive: bool | None
    detail: str
    """The outcome in words, with advice for a person."""
    duration_ms: int | None = None
    echoed_at: datetime | None = None
    """The time at which it was sent."""
    calling_ae_title: str | None = None
    """Our AE title in that C-ECHO; None: a random one of store_scp."""

    @property
    def state(self) -> str:
        """The words that a person knows from other DICOM software."""
        if self.alive is None:
            return NOT_KNOWN
        return ALIVE if self.alive else ASSOCIATION_FAIL


NO_ANSWER_YET = EchoStatus(alive=None, detail="asked, no answer yet: is the qr service running?")


def echo_of_qr(outcome: EchoOutcome) -> EchoStatus:
    """Return the outcome of a C-ECHO that the qr service has sent."""
    return EchoStatus(
        alive=outcome.alive,
        detail=outcome.detail,
        duration_ms=outcome.duration_ms,
        echoed_at=outcome.echoed_at,
        calling_ae_title=outcome.calling_ae_title,
    )


def echo_of_store_scp(node: StoreNode, *, now: datetime) -> EchoStatus:
    """Return the outcome of the C-ECHO that store_scp sends to a managed node by itself, as far as it is known."""
    seen = observe(node, now=now)
    alive = seen.state is StoreNodeState.ALIVE
    words = "answers the C-ECHO of store_scp" if alive else seen.detail
    return EchoStatus(alive=alive, detail=words or str(seen.state), echoed_at=seen.at)


def is_current(outcome: EchoOutcome, node: RemoteNode | StoreNode, *, now: datetime) -> bool:
    """Tell whether an outcome may still be shown as the state of a node."""
    fresh = FRESH_REMOTE if isinstance(node, RemoteNode) else FRESH_STORE
    return now - outcome.echoed_at <= fresh + ANSWERS_WITHIN
