import pytest

from tests.helpers.config_api import RunningApi, fields

pytestmark = pytest.mark.integration

PACS = {"name": "PACS", "ae_title": "ORTHANC", "hostname": "pacs.example.org", "port": 4242}


def test_a_node_from_creation_to_deletion(api: RunningApi) -> None:
    created = api.post("/remote-nodes", PACS)
    assert created["calling_ae_title"] == "DOSEWIRE"
    path = f"/remote-nodes/{created['id']}"
    assert api.get(path) == created
    assert api.get("/remote-nodes")["items"] == [created]
    assert api.patch(path, {"port": 104})["port"] == 104
    api.delete(path)
    assert "there is no remote node" in api.get(path, 404)["detail"]


def test_names_are_taken_once(api: RunningApi) -> None:
    api.post("/remote-nodes", PACS)
    assert set(fields(api.post("/remote-nodes", PACS | {"name": "pacs"}, 409))) == {"name"}
    api.post("/remote-nodes", PACS | {"name": "PACS 2"})


def test_an_address_stays(api: RunningApi) -> None:
    path = f"/remote-nodes/{api.post('/remote-nodes', PACS)['id']}"
    assert set(fields(api.patch(path, {"hostname": None}, 422))) == {"ip_address"}
    assert api.patch(path, {"hostname": None, "ip_address": "192.0.2.7"})["ip_address"] == "192.0.2.7"
