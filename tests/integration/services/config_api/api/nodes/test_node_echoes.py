"""C-ECHO to nodes over REST, sent by the real qr service."""

from pathlib import Path

import pytest

from services.config_api.actions.nodes import node_checks
from shared.database.models import RemoteNode, StoreNode
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.services import Services
from tools.peers.real_pacs import Storescp

pytestmark = pytest.mark.integration


def third_party(port: int) -> StoreNode:
    return StoreNode(id=1, name="Archive", ae_title="DOSEWIRE", port=port, managed=False, host="127.0.0.1")


def test_an_echo_of_one_node(api: RunningApi, services: Services, tmp_path: Path, free_port: int) -> None:
    services.start("qr")
    with Storescp(folder=tmp_path / "scp", ae_title="DOSEWIRE") as storescp:
        api.add(third_party(storescp.port))
        result = api.post("/store-nodes/1/echo", status=200)
        assert result["alive"] is True
        assert result["detail"] == "answers C-ECHO"
        assert (result["host"], result["port"]) == ("127.0.0.1", storescp.port)
        assert (result["called_ae_title"], result["calling_ae_title"]) == ("DOSEWIRE", "DOSEWIRE")
        assert api.get("/store-nodes/1/echo") == result
    dead = api.post("/store-nodes/1/echo", status=200)
    assert dead["state"] == "association fail"
    assert dead["echoed_at"] > result["echoed_at"]
    api.add(RemoteNode(id=1, name="PACS", ae_title="PACS", hostname="localhost", port=free_port, calling_ae_title="US"))
    assert api.get("/remote-nodes/1/echo")["alive"] is None
    result = api.post("/remote-nodes/1/echo", status=200)
    assert result["alive"] is False
    assert result["state"] == "association fail"
    assert "nothing listens on localhost" in result["detail"]
    assert result["calling_ae_title"] == "US"
    assert api.get("/remote-nodes/1/echo") == result


def test_an_outcome_of_other_settings_is_none(api: RunningApi, services: Services, free_port: int) -> None:
    services.start("qr")
    api.add(RemoteNode(id=1, name="PACS", ae_title="PACS", hostname="localhost", port=free_port))
    assert api.post("/remote-nodes/1/echo", status=200)["alive"] is False
    api.patch("/remote-nodes/1", {"ae_title": "OTHER"})
    assert api.get("/remote-nodes/1/echo")["alive"] is None


def test_without_qr_it_can_be_read_later(
    api: RunningApi, services: Services, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_checks, "ECHO_PATIENCE", 0.5)
    api.add(third_party(free_port))
    answer = api.client.post("/api/v1/store-nodes/1/echo")
    assert answer.status_code == 202
    assert answer.headers["Location"] == "/api/v1/store-nodes/1/echo"
    begun = answer.get_json()
    assert (begun["alive"], begun["state"]) == (None, "no answer yet")
    assert "is the qr service running?" in begun["detail"]
    services.start("qr")
    monkeypatch.setattr(node_checks, "ECHO_PATIENCE", 30.0)
    assert api.post("/store-nodes/1/echo", status=200)["alive"] is False


def test_nodes_that_are_not_there(api: RunningApi) -> None:
    for path in ("/store-nodes/9/echo", "/remote-nodes/9/echo"):
        api.post(path, status=404)
        api.get(path, status=404)
