import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.database.models import QrJob, RemoteNode, StoreNode, StoreNodeState
from tests.helpers.config_api.rest import RunningApi, fields

pytestmark = pytest.mark.integration

CT_HALL = {"name": "CT hall", "ae_title": "DOSEWIRE", "port": 11112}


def report(api: RunningApi, node_id: int, state: StoreNodeState, *, seconds_ago: float = 0, detail: str = "") -> None:
    """Write what store_scp would write."""
    with api.context.transaction() as session:
        node = session.get_one(StoreNode, node_id)
        node.state, node.state_detail = state, detail
        node.state_at = datetime.now(UTC) - timedelta(seconds=seconds_ago)


def test_a_node_from_creation_to_deletion(api: RunningApi) -> None:
    created = api.post("/store-nodes", CT_HALL)
    assert created["managed"] is True
    assert created["enabled"] is True
    assert created["keep_alive"] is True
    assert created["observed"]["state"] == "unknown"
    path = f"/store-nodes/{created['id']}"
    assert api.get(path) == created
    assert api.get("/store-nodes")["items"] == [created]
    changed = api.patch(path, {"enabled": False, "port": 11113})
    assert (changed["enabled"], changed["port"], changed["ae_title"]) == (False, 11113, "DOSEWIRE")
    assert changed["updated_at"] > created["updated_at"]
    api.delete(path)
    assert api.get("/store-nodes")["items"] == []
    assert "there is no store node" in api.get(path, 404)["detail"]
    api.patch(path, {}, 404)
    api.delete(path, 404)


def test_the_address_of_a_new_node_is_told(api: RunningApi) -> None:
    answer = api.client.post("/api/v1/store-nodes", json=CT_HALL)
    assert answer.headers["Location"] == f"/api/v1/store-nodes/{answer.get_json()['id']}"


def test_what_it_should_do_and_what_it_does_stand_apart(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL)["id"]
    report(api, node_id, StoreNodeState.FAILED, detail="port 11112 is in use by another program")
    node = api.get(f"/store-nodes/{node_id}")
    assert node["enabled"] is True
    assert node["observed"]["state"] == "failed"
    assert node["observed"]["detail"] == "port 11112 is in use by another program"
    report(api, node_id, StoreNodeState.ALIVE, seconds_ago=120)
    assert api.get(f"/store-nodes/{node_id}")["observed"]["state"] == "unknown"


def test_names_and_ports_are_taken_once(api: RunningApi) -> None:
    api.post("/store-nodes", CT_HALL)
    wrong = fields(api.post("/store-nodes", {"name": "ct HALL", "ae_title": "CT2", "port": 11112}, 409))
    assert "is called 'CT hall' already" in wrong["name"]
    assert "port 11112 is in use by store node 'CT hall'" in wrong["port"]
    other = api.post("/store-nodes", {"name": "Cath lab", "ae_title": "DOSEWIRE", "port": 11113})
    assert set(fields(api.patch(f"/store-nodes/{other['id']}", {"port": 11112}, 409))) == {"port"}
    assert api.get(f"/store-nodes/{other['id']}")["port"] == 11113


def test_a_node_does_not_stand_in_its_own_way(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL)["id"]
    assert api.patch(f"/store-nodes/{node_id}", {"name": "CT Hall", "port": 11112})["name"] == "CT Hall"


def test_two_at_once_do_not_get_the_same_port(api: RunningApi) -> None:
    ready = threading.Barrier(8)
    statuses: list[int] = []

    def create(number: int) -> None:
        ready.wait()
        body = CT_HALL | {"name": f"Node {number}"}
        statuses.append(api.app.test_client().post("/api/v1/store-nodes", json=body).status_code)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7


def test_a_node_of_a_third_party(api: RunningApi) -> None:
    api.post("/store-nodes", CT_HALL)
    node = api.post("/store-nodes", CT_HALL | {"name": "Archive", "managed": False, "host": "archive.example.org"})
    assert node["host"] == "archive.example.org"
    assert "not managed" in node["observed"]["detail"]
    path = f"/store-nodes/{node['id']}"
    assert set(fields(api.patch(path, {"host": None}, 422))) == {"host"}
    assert set(fields(api.patch(path, {"managed": True}, 422))) == {"host"}
    assert set(fields(api.patch(path, {"managed": True, "host": None}, 409))) == {"port"}
    api.delete(path)


def test_a_patch_is_checked_as_a_whole(api: RunningApi) -> None:
    path = f"/store-nodes/{api.post('/store-nodes', CT_HALL)['id']}"
    assert set(fields(api.patch(path, {"name": None, "ae_title": "CT 1", "enabled": "no"}, 422))) >= {
        "ae_title",
        "enabled",
    }
    assert set(fields(api.patch(path, {"port": None, "name": None}, 422))) == {"port", "name"}
    assert api.get(path)["port"] == 11112


def test_a_node_that_runs_is_not_deleted(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL)["id"]
    path = f"/store-nodes/{node_id}"
    assert "is enabled: set enabled to false first" in api.delete(path, 409)["detail"]
    api.patch(path, {"enabled": False})
    report(api, node_id, StoreNodeState.ALIVE)
    assert "is still alive: wait" in api.delete(path, 409)["detail"]
    report(api, node_id, StoreNodeState.STOPPED)
    api.delete(path)


def test_a_node_that_jobs_name_is_not_deleted(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL | {"enabled": False})["id"]
    api.add(RemoteNode(id=5, name="PACS", ae_title="PACS", hostname="pacs", port=104))
    day = date(2026, 11, 21)
    api.add(QrJob(remote_node_id=5, store_node_id=node_id, date_from=day, date_until=day))
    assert "1 query/retrieve jobs name store node" in api.delete(f"/store-nodes/{node_id}", 409)["detail"]
    assert "1 query/retrieve jobs refer" in api.delete("/remote-nodes/5", 409)["detail"]


RESTRICTED = {
    "check_called_ae_title": False,
    "allowed_calling_ae_titles": ["CT1", "CT_2"],
    "allowed_peers": ["192.0.2.0/24", "2001:DB8::7"],
    "maximum_associations": 50,
    "maximum_associations_per_ae_title": 5,
    "maximum_associations_per_address": None,
    "idle_timeout_seconds": 30,
    "tls": True,
    "require_client_certificate": True,
}


def test_who_may_call_is_set_and_shown(api: RunningApi) -> None:
    node = api.post("/store-nodes", CT_HALL | RESTRICTED)
    shown = RESTRICTED | {"allowed_peers": ["192.0.2.0/24", "2001:db8::7"]}
    assert {name: node[name] for name in RESTRICTED} == shown
    path = f"/store-nodes/{node['id']}"
    changed = api.patch(path, {"allowed_calling_ae_titles": ["CT1", "CT1", "CT3"], "allowed_peers": []})
    assert (changed["allowed_calling_ae_titles"], changed["allowed_peers"]) == (["CT1", "CT3"], [])
    assert changed["maximum_associations"] == 50
    assert api.get(path) == changed


def test_by_default_everybody_may_call_who_knows_the_ae_title(api: RunningApi) -> None:
    node = api.post("/store-nodes", CT_HALL)
    assert {name: node[name] for name in RESTRICTED} == {
        "check_called_ae_title": True,
        "allowed_calling_ae_titles": [],
        "allowed_peers": [],
        "maximum_associations": None,
        "maximum_associations_per_ae_title": None,
        "maximum_associations_per_address": 100,
        "idle_timeout_seconds": None,
        "tls": False,
        "require_client_certificate": False,
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("allowed_calling_ae_titles.1", ["CT1", "CT\\1"], "an AE title has 1 to 16 characters"),
        ("allowed_calling_ae_titles.0", ["seventeen letters"], "an AE title has 1 to 16 characters"),
        ("allowed_peers.0", ["ct.example.org"], "must be an IP address such as 192.0.2.10"),
        ("allowed_peers.0", ["192.0.2.7/24"], "write 192.0.2.0/24 for the network, or 192.0.2.7"),
        ("maximum_associations", 0, "should be greater than or equal to 1"),
        ("maximum_associations_per_address", 100_000, "should be less than or equal to 1000"),
        ("idle_timeout_seconds", 1, "should be greater than or equal to 5"),
        ("tls", "yes", "boolean"),
        ("require_client_certificate", True, "is of no use without TLS; set tls to true as well"),
    ],
)
def test_what_is_wrong_with_who_may_call_is_named(api: RunningApi, field: str, value: object, words: str) -> None:
    name = field.partition(".")[0]
    wrong = fields(api.post("/store-nodes", CT_HALL | {name: value}, 422))
    assert set(wrong) == {field}
    assert words in wrong[field]
    path = f"/store-nodes/{api.post('/store-nodes', CT_HALL)['id']}"
    assert set(fields(api.patch(path, {name: value}, 422))) == {field}


def test_tls_is_not_taken_from_under_client_certificates(api: RunningApi) -> None:
    path = f"/store-nodes/{api.post('/store-nodes', CT_HALL | RESTRICTED)['id']}"
    assert set(fields(api.patch(path, {"tls": False}, 422))) == {"require_client_certificate"}
    assert api.patch(path, {"tls": False, "require_client_certificate": False})["tls"] is False


def test_a_managed_node_is_as_store_scp_sees_it(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL | {"allowed_calling_ae_titles": ["CT1"]})["id"]
    path = f"/store-nodes/{node_id}/echo"
    assert api.post(path, status=200)["state"] == "association fail"
    report(api, node_id, StoreNodeState.ALIVE)
    result = api.post(path, status=200)
    assert (result["alive"], result["detail"]) == (True, "answers the C-ECHO of store_scp")
    assert (result["host"], result["port"], result["calling_ae_title"]) == ("127.0.0.1", 11112, None)
    assert api.get(path)["alive"] is True
    (status,) = api.get("/status")["nodes"]
    assert status["echo"]["alive"] is True
    report(api, node_id, StoreNodeState.FAILED, detail="port 11112 is in use")
    (status,) = api.get("/status")["nodes"]
    assert status["echo"] == {"alive": False, "state": "association fail", "detail": "port 11112 is in use",
                              "duration_ms": None}  # fmt: skip
    api.patch(f"/store-nodes/{node_id}", {"allowed_calling_ae_titles": ["CT1", "DOSEWIRE"]})
    assert api.post(path, status=200)["detail"] == "port 11112 is in use"


def test_who_has_switched_a_node_is_shown(api: RunningApi) -> None:
    node = api.post("/store-nodes", CT_HALL)
    assert node["switched_by"] == "the REST interface (from 127.0.0.1)"
    path = f"/store-nodes/{node['id']}"
    assert api.patch(path, {"port": 11113})["switched_at"] == node["switched_at"]
    answer = api.client.patch(f"/api/v1{path}", json={"enabled": False}, headers={"X-Dosewire-Operator": "anna"})
    stopped = answer.get_json()
    assert stopped["switched_by"] == "anna (command line, from 127.0.0.1)"
    assert stopped["switched_at"] > node["switched_at"]
    answer = api.client.patch(f"/api/v1{path}", json={"enabled": True}, headers={"X-Dosewire-Operator": "<b>eve</b>"})
    assert answer.get_json()["switched_by"] == "the REST interface (from 127.0.0.1)"


def test_a_node_that_has_not_finished_yet_is_not_deleted(api: RunningApi) -> None:
    node_id = api.post("/store-nodes", CT_HALL | {"enabled": False})["id"]
    report(api, node_id, StoreNodeState.STOPPING)
    assert "is still stopping: wait" in api.delete(f"/store-nodes/{node_id}", 409)["detail"]
