"""The test of a remote node over REST, with an archive and all the services that take part."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.config_api.rest import RunningApi
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report
from tools.peers.real_pacs import Dcmqrscp, Orthanc
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop


def take_test(api: RunningApi, path: str, body: dict[str, object]) -> dict[str, Any]:
    """Create a test, and read it until it is over."""
    test = api.post(path, body, 202)
    deadline = time.monotonic() + 90
    while test["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, test
        time.sleep(0.2)
        test = api.get(f"/node-tests/{test['id']}")
    assert test["state"] == "done", test
    return test


@pytest.mark.parametrize("archive", [Dcmqrscp, Orthanc])
def test_an_archive_sends_an_object_to_our_own_node(
    archive: type[Dcmqrscp | Orthanc], api: RunningApi, services: Services, tmp_path: Path
) -> None:
    port = free_port()
    node = api.post("/store-nodes", {"name": "Main store", "ae_title": "DOSEWIRE", "port": port})
    for service in ("store_scp", "importer", "qr"):
        services.start(service)
    with archive(folder=tmp_path / "pacs", destinations={"DOSEWIRE": port}) as pacs:
        remote = {"name": "PACS", "ae_title": pacs.ae_title, "ip_address": "127.0.0.1", "port": pacs.port}
        path = f"/remote-nodes/{api.post('/remote-nodes', remote)['id']}/tests"
        pacs.store([ct_report(study=Study(seed=1, started_at=datetime.now(UTC).replace(tzinfo=None)))])
        deadline = time.monotonic() + 30
        while api.get(f"/store-nodes/{node['id']}")["observed"]["state"] != "alive":
            assert time.monotonic() < deadline
            time.sleep(0.1)

        tested = take_test(api, path, {"store_node": "Main store"})
        assert [step["step"] for step in tested["steps"]] == ["tcp", "association", "echo", "find", "move"]
        assert tested["passed"], tested
        assert tested["steps"][-1]["detail"].startswith("has sent an object, and Main store has received it: ")

        queried = take_test(api, path, {})
        assert queried["passed"]
        assert queried["steps"][-1]["verdict"] == "skipped"

        unknown = take_test(api, path, {"study_instance_uid": "1.2.3"})
        assert not unknown["passed"]
