"""A node from its creation to its end, over the REST interface, beside another one that is not changed."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.store_scp.common.definitions import DefinitionsFile
from tests.helpers.config_api.rest import RunningApi
from tests.helpers.services import Services
from tests.helpers.store_scp.raw_scu import association, c_store
from tests.helpers.store_scp.service import node_processes
from tools.measure.store_node import wait_until
from tools.stack.ports import LOOPBACK, free_port
from tools.stack.processes import ServiceProcess

pytestmark = pytest.mark.integration

DATA_SET = b"\x08\x00\x60\x00\x02\x00\x00\x00SR"
EFFECT_SECONDS = 2.0
"""Within which a change takes effect, on a machine that has nothing else to do."""


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

    def listens(self) -> bool:
        with socket.socket() as scanner:
            return scanner.connect_ex((LOOPBACK, self.is_there["port"])) == 0

    def silent(self) -> bool:
        return not self.listens()


class Stopwatch:
    """Measures how long the service and a node's process take for something, without the time that others cost.

    The tests share their processors with other processes: how long a thread has waited for one is told by the kernel
    (proc(5), `schedstat`).
    """

    def __init__(self, service: ServiceProcess) -> None:
        self._supervisor = service.pid or 0

    def seconds(self, condition: Callable[[], bool], *, what: str) -> float:
        began, before = time.monotonic(), self._waited()
        wait_until(condition, what=what, timeout_s=60.0)
        seconds, after = time.monotonic() - began, self._waited()
        waited = {pid: value - before.get(pid, 0.0) for pid, value in after.items()}
        return seconds - sum(waited.values())

    def _waited(self) -> dict[int, float]:
        """Return by process how long its main thread has waited for a processor, in seconds."""
        pids = [self._supervisor, *(pid for name, pid in node_processes(self._supervisor).items() if name != "kept")]
        return {pid: int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9 for pid in pids}


def test_every_change_takes_effect_soon_and_touches_no_other_node(
    api: RunningApi, services: Services, data_dir: Path
) -> None:
    kept = Node(api, name="kept", ae_title="DOSEWIRE")
    service = services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1)
    watch = Stopwatch(service)
    wait_until(kept.listens, what="the node that is kept")
    with association(kept.is_there["port"]) as opened:
        node = Node(api)
        effects = {"added": watch.seconds(node.listens, what="the node that was added")}
        node.change(ae_title="OTHER", port=free_port())
        effects["changed"] = watch.seconds(node.listens, what="the node that was changed")
        assert c_store(opened, DATA_SET).Status == 0x0000
        node.change(enabled=False)
        effects["stopped"] = watch.seconds(node.silent, what="the node that was stopped")
        node.change(enabled=True)
        effects["started"] = watch.seconds(node.listens, what="the node that was started")
        assert "is enabled" in api.delete(node.path, 409)["detail"]
        node.change(enabled=False)
        wait_until(lambda: node.observed()["state"] == "stopped", what="the state stopped")
        assert node.observed()["detail"].startswith("stopped by the REST interface (from 127.0.0.1) at 20")
        api.delete(node.path)
        assert node.silent()
        assert c_store(opened, DATA_SET).Status == 0x0000, "the other node's association has gone on all the time"
    assert [definition.name for definition in DefinitionsFile(folder=data_dir).read()] == ["kept"]
    assert {name: seconds for name, seconds in effects.items() if seconds > EFFECT_SECONDS} == {}


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
