"""Tests of remote nodes as resources, made by the real qr service."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.database.base import now
from shared.database.models import RemoteNode, StoreNode
from shared.database.models.node_check import NodeCheck
from tests.helpers.config_api.rest import RunningApi, fields
from tests.helpers.services import Services
from tools.peers.real_pacs import Storescp

pytestmark = pytest.mark.integration

TESTS = "/remote-nodes/1/tests"


@pytest.fixture(autouse=True)
def nodes(api: RunningApi, free_port: int) -> None:
    api.add(
        RemoteNode(id=1, name="PACS", ae_title="PACS", hostname="127.0.0.1", port=free_port),
        StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=11112),
        StoreNode(id=2, name="Spare", ae_title="SPARE", port=11113, enabled=False),
    )


def wait_for(api: RunningApi, test: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while (test := api.get(f"/node-tests/{test['id']}"))["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, test
        time.sleep(0.1)
    return test


def change(api: RunningApi, test: dict[str, Any], **values: object) -> None:
    with api.context.transaction() as session:
        row = session.get_one(NodeCheck, UUID(test["id"]))
        for name, value in values.items():
            setattr(row, name, value)


def test_it_is_created_and_then_read(api: RunningApi) -> None:
    uid = "1.2.826.0.1.3680043.8.498.1"
    answer = api.client.post(f"/api/v1{TESTS}", json={"store_node": "CT hall", "study_instance_uid": uid})
    assert answer.status_code == 202
    begun = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/node-tests/{begun['id']}"
    assert api.get(f"/node-tests/{begun['id']}") == begun
    assert begun["remote_node"] == {"id": 1, "name": "PACS", "ae_title": "PACS"}
    assert begun["store_node"] == {"id": 1, "name": "CT hall", "ae_title": "DOSEWIRE"}
    assert (begun["study_instance_uid"], begun["state"], begun["detail"]) == (uid, "queued", "")
    assert (begun["passed"], begun["steps"], begun["finished_at"]) == (None, [], None)


def test_nobody_takes_it(api: RunningApi) -> None:
    test = api.post(TESTS, status=202)
    change(api, test, created_at=now() - timedelta(seconds=61))
    waiting = api.get(f"/node-tests/{test['id']}")
    assert waiting["state"] == "queued"
    assert (
        waiting["detail"] == "no qr worker has taken it yet; is the qr service running? It may be busy with other tests"
    )
    change(api, test, created_at=now() - timedelta(minutes=6))
    failed = api.get(f"/node-tests/{test['id']}")
    assert (failed["state"], failed["passed"]) == ("failed", None)
    assert "see that the qr service runs" in failed["detail"]


def test_a_node_that_is_dead_fails_its_first_step(api: RunningApi, services: Services) -> None:
    services.start("qr")
    test = wait_for(api, api.post(TESTS, status=202))
    assert (test["state"], test["passed"]) == ("done", False)
    assert [step["step"] for step in test["steps"]] == ["tcp", "association", "echo", "find", "move"]
    assert [step["verdict"] for step in test["steps"]] == ["failed", *["skipped"] * 4]
    assert "nothing listens on 127.0.0.1" in test["steps"][0]["detail"]
    assert test["created_at"] <= test["started_at"] <= test["finished_at"]


def test_the_steps_say_what_the_node_does_not_offer(api: RunningApi, services: Services, tmp_path: Path) -> None:
    services.start("qr")
    with Storescp(folder=tmp_path / "scp", ae_title="PACS") as storescp:
        api.patch("/remote-nodes/1", {"port": storescp.port})
        test = wait_for(api, api.post(TESTS, status=202))
    assert [step["verdict"] for step in test["steps"]] == ["passed", "passed", "passed", "failed", "skipped"]
    assert "does not accept C-FIND" in test["steps"][3]["detail"]


def test_what_cannot_be_tested_is_told(api: RunningApi) -> None:
    assert "no remote node" in api.post("/remote-nodes/99/tests", {}, 404)["detail"]
    assert "switched off" in fields(api.post(TESTS, {"store_node": "Spare"}, 422))["store_node"]
    assert set(fields(api.post(TESTS, {"store_node": "nowhere"}, 422))) == {"store_node"}
    wrong = fields(api.post(TESTS, {"store_node": "nowhere", "study_instance_uid": "1.2."}, 422))
    assert set(wrong) == {"study_instance_uid"}
    assert "there is no node test" in api.get(f"/node-tests/{uuid4()}", 404)["detail"]
    api.post("/remote-nodes/1/test", {}, 404)
