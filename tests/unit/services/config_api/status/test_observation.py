from datetime import UTC, datetime, timedelta

import pytest

from services.config_api.status.observation import observe
from shared.database.models import StoreNode, StoreNodeState

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def node(
    *, state: StoreNodeState = StoreNodeState.ALIVE, seconds_ago: float | None = 5, managed: bool = True
) -> StoreNode:
    at = None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago)
    return StoreNode(name="CT", managed=managed, state=state, state_detail="said so", state_at=at)


@pytest.mark.parametrize("state", list(StoreNodeState))
def test_a_fresh_report_is_believed(state: StoreNodeState) -> None:
    observation = observe(node(state=state), now=NOW)
    assert (observation.state, observation.detail) == (state, "said so")
    assert observation.running == (state in {"starting", "alive", "stopping"})


def test_an_old_report_is_none() -> None:
    observation = observe(node(seconds_ago=61), now=NOW)
    assert observation.state is StoreNodeState.UNKNOWN
    assert "has stopped reporting" in observation.detail
    assert not observation.running


def test_without_a_report() -> None:
    assert "has not reported on it yet" in observe(node(seconds_ago=None), now=NOW).detail


def test_nobody_reports_on_nodes_of_third_parties() -> None:
    observation = observe(node(managed=False), now=NOW)
    assert observation.state is StoreNodeState.UNKNOWN
    assert "not managed" in observation.detail
