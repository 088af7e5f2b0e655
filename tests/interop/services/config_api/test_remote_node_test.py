"""The test of a remote node over REST, with an archive and all the services that take part."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.helpers.config_api.rest import RunningApi, fields
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report
from tools.peers.real_pacs import Orthanc
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop


def test_an_archive_sends_an_object_to_our_own_node(
    database_url: str, amqp_url: str, data_dir: Path, services: Services, tmp_path: Path
) -> None:
    api = RunningApi(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir)
    port = free_port()
    node = api.post("/store-nodes", {"name": "Main store", "ae_title": "DOSEWIRE", "port": port})
    for service in ("store_scp", "importer"):
        services.start(service)
    with Orthanc(folder=tmp_path / "pacs", destinations={"DOSEWIRE": port}) as pacs:
        remote = {"name": "PACS", "ae_title": pacs.ae_title, "ip_address": "127.0.0.1", "port": pacs.port}
        path = f"/remote-nodes/{api.post('/remote-nodes', remote)['id']}/test"
        pacs.store([ct_report(study=Study(seed=1, started_at=datetime.now(UTC).replace(tzinfo=None)))])
        deadline = time.monotonic() + 30
        while api.get(f"/store-nodes/{node['id']}")["observed"]["state"] != "alive":
            assert time.monotonic() < deadline
            time.sleep(0.1)

        tested = api.post(path, {"store_node": "Main store"}, 200)
        assert [step["step"] for step in tested["steps"]] == ["tcp", "association", "echo", "find", "move"]
        assert tested["passed"], tested
        assert tested["steps"][-1]["detail"].startswith("has sent an object, and Main store has received it: ")

        queried = api.post(path, {}, 200)
        assert queried["passed"]
        assert queried["steps"][-1]["verdict"] == "skipped"

        unknown = api.post(path, {"study_instance_uid": "1.2.3"}, 200)
        assert not unknown["passed"]

        api.patch(f"/store-nodes/{node['id']}", {"enabled": False})
        assert "switched off" in fields(api.post(path, {"store_node": "Main store"}, 422))["store_node"]
        wrong = fields(api.post(path, {"store_node": "nowhere", "study_instance_uid": "1.2."}, 422))
        assert set(wrong) == {"study_instance_uid"}
        assert set(fields(api.post(path, {"store_node": "nowhere"}, 422))) == {"store_node"}
    assert "no remote node" in api.post("/remote-nodes/99/test", {}, 404)["detail"]
    api.close()
