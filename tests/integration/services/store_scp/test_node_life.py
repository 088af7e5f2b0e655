"""A node from its creation to its end, over the REST interface, beside another one that nobody touches."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.stack.ports import LOOPBACK, free_port
from services.store_scp.definitions import DefinitionsFile
from tests.helpers.config_api import RunningApi
from tests.helpers.dcmtk import dcmtk
from tests.helpers.raw_scu import association, c_store
from tests.helpers.services import Services
from tests.helpers.store_node import wait_until

pytestmark = pytest.mark.integration

DATA_SET = b"\x08\x00\x60\x00\x02\x00\x00\x00SR"
EFFECT_SECONDS = 2.0
"""Within which a change takes effect, on a machine that has nothing else to do."""
ROUNDS = 2


@pytest.fixture
def api(database_url: str, amqp_url: str, data_dir: Path) -> Iterator[RunningApi]:
    running = RunningApi(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir)
    yield running
    running.close()


class Node:
    """A node as the REST interface and a scanner see it."""

    def __init__(self, api: RunningApi, **values: object) -> None:
        self._api = api
        self.is_there = api.post("/store-nodes", {"name": "CT hall", "ae_title": "NODE", "port": free_port()} | values)
        self.path = f"/store-nodes/{self.is_there['id']}"

    def change(self, **values: object) -> None:
        self.is_there = self._api.patch(self.path, values)

    def observed(self) -> dict[str, Any]:
        return dict(self._api.get(self.path)["observed"])

    def answers(self) -> bool:
        title, port = self.is_there["ae_title"], self.is_there["port"]
        return dcmtk("echoscu", "-to", 5, "-aec", title, LOOPBACK, port, check=False).returncode == 0

    def silent(self) -> bool:
        return not self.answers()


def took(condition: Callable[[], bool], *, what: str) -> float:
    """Return how many seconds it takes until a condition holds."""
    began = time.monotonic()
    wait_until(condition, what=what)
    return time.monotonic() - began


def time_lost_to_others() -> float:
    """Return how many seconds a node process that starts now has to wait for processors that others use."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import services.store_scp.node"], check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return max(0.0, time.monotonic() - began - used)


def test_every_change_takes_effect_soon_and_touches_no_other_node(
    api: RunningApi, services: Services, data_dir: Path
) -> None:
    kept = Node(api, name="kept", ae_title="DOSEWIRE")
    services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1)
    wait_until(kept.answers, what="the node that is kept")
    seconds: dict[str, list[float]] = {}
    lost = 0.0
    with association(kept.is_there["port"]) as opened:
        for _ in range(ROUNDS):
            lost = max(lost, time_lost_to_others())
            node = Node(api)
            effects = {"added": took(node.answers, what="the node that was added")}
            node.change(ae_title="OTHER", port=free_port())
            effects["changed"] = took(node.answers, what="the node that was changed")
            node.change(enabled=False)
            effects["stopped"] = took(node.silent, what="the node that was stopped")
            node.change(enabled=True)
            effects["started"] = took(node.answers, what="the node that was started")
            assert "is enabled" in api.delete(node.path, 409)["detail"]
            node.change(enabled=False)
            wait_until(lambda node=node: node.observed()["state"] == "stopped", what="the state stopped")  # type: ignore[misc]
            assert node.observed()["detail"].startswith("stopped by the REST interface (from 127.0.0.1) at 20")
            api.delete(node.path)
            assert node.silent()
            assert c_store(opened, DATA_SET).Status == 0x0000, "the other node's association goes on"
            for name, value in effects.items():
                seconds.setdefault(name, []).append(value)
    assert [definition.name for definition in DefinitionsFile(folder=data_dir).read()] == ["kept"]
    allowed = EFFECT_SECONDS + lost
    assert {name: min(values) for name, values in seconds.items() if min(values) > allowed} == {}


def test_a_node_that_still_finishes_an_object_is_stopping_and_not_deleted(api: RunningApi, services: Services) -> None:
    node = Node(api, ae_title="DOSEWIRE")
    services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1, drain_seconds=4)
    wait_until(lambda: node.observed()["state"] == "alive", what="the node")
    with association(node.is_there["port"]) as opened:
        connection = opened.dul.socket
        assert connection is not None
        # The beginning of a P-DATA-TF PDU whose rest never comes: an object on its way.
        connection.send(b"\x04\x00\x00\x00\x10\x00\x00\x00\x0f\xfc\x01\x03")
        node.change(enabled=False)
        wait_until(lambda: node.observed()["state"] == "stopping", what="the state stopping")
        assert "is still stopping: wait until it has stopped" in api.delete(node.path, 409)["detail"]
        wait_until(lambda: node.observed()["state"] == "stopped", what="the state stopped")
        opened.abort()
    api.delete(node.path)
