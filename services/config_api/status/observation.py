"""The observed state of a store node: the last report of store_scp, as long as it is fresh. Pure functions."""

from dataclasses import dataclass
from datetime import datetime

from shared.database.models import StoreNode, StoreNodeState


@dataclass(frozen=True, slots=True)
class Observation:
    """The state of a node, why, and when it was reported."""

    state: StoreNodeState
    detail: str
    at: datetime | None

    @property
    def running(self) -> bool:
        """True while it starts, receives, or stops."""
        return self.state in (StoreNodeState.STARTING, StoreNodeState.ALIVE, StoreNodeState.STOPPING)


def observe(node: StoreNode, *, now: datetime) -> Observation:
    """Return the observed state of a node; a report that is too old does not count."""
    at = node.state_at
    if not node.managed:
        return Observation(StoreNodeState.UNKNOWN, "not managed by Dosewire; a C-ECHO tells whether it is alive", at)
    if at is None:
        return Observation(StoreNodeState.UNKNOWN, "the store_scp service has not reported on it yet", None)
    if not node.has_fresh_report(at=now):
        return Observation(StoreNodeState.UNKNOWN, "the store_scp service has stopped reporting; is it running?", at)
    return Observation(node.state, node.state_detail, at)
