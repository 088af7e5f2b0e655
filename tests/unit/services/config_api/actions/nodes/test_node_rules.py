import pytest

from services.config_api.actions.nodes.node_rules import duplicate_name, port_in_use, why_not_deletable
from services.config_api.status.observation import Observation
from shared.database.models import StoreNode, StoreNodeState

STOPPED = Observation(StoreNodeState.STOPPED, "", None)


def node(name: str = "CT hall", *, port: int = 11112, managed: bool = True, enabled: bool = False) -> StoreNode:
    return StoreNode(id=7, name=name, ae_title="DOSEWIRE", port=port, managed=managed, enabled=enabled)


def test_names_differ_in_more_than_capitals() -> None:
    (found,) = duplicate_name("ct HALL", [node("Cath lab"), node("CT hall")])
    assert found.field == "name"
    assert "node 7 is called 'CT hall' already" in found.detail
    assert duplicate_name("CT hall 2", [node("CT hall")]) == []


def test_managed_nodes_have_a_port_each() -> None:
    (found,) = port_in_use(11112, [node("Cath lab", port=11113), node("CT hall")])
    assert found.field == "port"
    assert "port 11112 is in use by store node 'CT hall'" in found.detail
    assert port_in_use(11112, [node(managed=False)]) == []


@pytest.mark.parametrize(
    ("candidate", "observation", "jobs", "words"),
    [
        (node(enabled=True), STOPPED, 0, "is enabled: set enabled to false"),
        (node(), Observation(StoreNodeState.ALIVE, "", None), 0, "is still alive: wait"),
        (node(), Observation(StoreNodeState.STARTING, "", None), 0, "is still starting: wait"),
        (node(), STOPPED, 3, "3 query/retrieve jobs"),
    ],
)
def test_what_keeps_a_node_from_being_deleted(
    candidate: StoreNode, observation: Observation, jobs: int, words: str
) -> None:
    reason = why_not_deletable(candidate, observation=observation, jobs=jobs)
    assert reason is not None
    assert words in reason


@pytest.mark.parametrize("candidate", [node(), node(managed=False, enabled=True)])
def test_a_node_that_nobody_needs_can_be_deleted(candidate: StoreNode) -> None:
    assert why_not_deletable(candidate, observation=STOPPED, jobs=0) is None
