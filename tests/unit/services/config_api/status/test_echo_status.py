from datetime import UTC, datetime, timedelta

import pytest

from services.config_api.status.echo_status import (
    NO_ANSWER_YET,
    EchoStatus,
    echo_of_qr,
    echo_of_store_scp,
    is_current,
)
from shared.database.models import RemoteNode, StoreNode, StoreNodeState
from shared.jobs.echoes import EchoOutcome

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
STORE_NODE = StoreNode(name="CT hall", ae_title="CT", port=104, managed=False, host="ct.example.org")
REMOTE_NODE = RemoteNode(name="PACS", ae_title="PACS", hostname="pacs", port=104)


def outcome(*, seconds_ago: float = 0, alive: bool = True) -> EchoOutcome:
    at = NOW - timedelta(seconds=seconds_ago)
    return EchoOutcome(alive=alive, detail="words", duration_ms=7, echoed_at=at, calling_ae_title="DOSEWIRE")


def test_the_states_have_the_words_of_other_software() -> None:
    assert EchoStatus(alive=True, detail="").state == "alive"
    assert EchoStatus(alive=False, detail="").state == "association fail"
    assert NO_ANSWER_YET.state == "no answer yet"
    assert "is the qr service running?" in NO_ANSWER_YET.detail


def test_an_outcome_of_qr_is_shown_as_it_is() -> None:
    echo = echo_of_qr(outcome(alive=False))
    assert (echo.alive, echo.detail, echo.duration_ms, echo.calling_ae_title) == (False, "words", 7, "DOSEWIRE")


@pytest.mark.parametrize(
    ("node", "seconds_ago", "expected"),
    [(REMOTE_NODE, 0, True), (REMOTE_NODE, 80, True), (REMOTE_NODE, 100, False),
     (STORE_NODE, 35, True), (STORE_NODE, 45, False)],
)  # fmt: skip
def test_what_is_old_is_not_shown_any_more(node: RemoteNode | StoreNode, seconds_ago: float, expected: bool) -> None:
    assert is_current(outcome(seconds_ago=seconds_ago), node, now=NOW) is expected


def managed(state: StoreNodeState, *, detail: str = "", seconds_ago: float = 0) -> StoreNode:
    at = NOW - timedelta(seconds=seconds_ago)
    return StoreNode(name="CT", ae_title="CT", port=104, managed=True, state=state, state_detail=detail, state_at=at)


def test_a_managed_node_is_as_store_scp_sees_it() -> None:
    alive = echo_of_store_scp(managed(StoreNodeState.ALIVE), now=NOW)
    assert (alive.alive, alive.detail) == (True, "answers the C-ECHO of store_scp")
    failed = echo_of_store_scp(managed(StoreNodeState.FAILED, detail="port 104 is in use"), now=NOW)
    assert (failed.alive, failed.detail) == (False, "port 104 is in use")
    starting = echo_of_store_scp(managed(StoreNodeState.STARTING), now=NOW)
    assert (starting.alive, starting.detail) == (False, "starting")
    silent = echo_of_store_scp(managed(StoreNodeState.ALIVE, seconds_ago=90), now=NOW)
    assert silent.alive is False
    assert "has stopped reporting" in silent.detail
