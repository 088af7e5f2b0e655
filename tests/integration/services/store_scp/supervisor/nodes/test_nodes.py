"""Nodes become what the database says, one without touching another."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from shared.database.models import StoreNodeState
from tests.helpers.dcmtk import dcmtk
from tests.helpers.services import Services
from tests.helpers.store_scp.raw_scu import association, c_store
from tests.helpers.store_scp.service import StoreScpTables, node_processes
from tools.measure.store_node import wait_until
from tools.stack.ports import LOOPBACK, free_port
from tools.stack.processes import ServiceProcess

pytestmark = pytest.mark.integration


def start(services: Services) -> ServiceProcess:
    return services.start("store_scp", dicom_bind=LOOPBACK)


def answers(port: int, ae_title: str = "DOSEWIRE") -> bool:
    return dcmtk("echoscu", "-to", 5, "-aec", ae_title, LOOPBACK, port, check=False).returncode == 0


def test_a_defined_node_listens_and_is_alive(services: Services, tables: StoreScpTables, free_port: int) -> None:
    node = tables.add_node(port=free_port)
    service = start(services)
    wait_until(lambda: tables.is_alive(node), what="the state alive")
    assert answers(free_port)
    assert "dosewire_store_nodes_alive 1.0" in service.get("/metrics")[1]
    opened = 'dosewire_associations_open{node="Main store"} 2.0'
    with association(free_port), association(free_port):
        wait_until(lambda: opened in service.get("/metrics")[1], what="both associations")
    tables.change_node(node, name="Renamed")
    wait_until(lambda: 'open{node="Renamed"} 0.0' in service.get("/metrics")[1], what="none under the new name")
    assert 'node="Main store"' not in service.get("/metrics")[1]


def test_a_port_in_use_is_said_and_tried_again(services: Services, tables: StoreScpTables, free_port: int) -> None:
    with socket.create_server((LOOPBACK, free_port)):
        node = tables.add_node(port=free_port)
        services.start("store_scp", wait=False, dicom_bind=LOOPBACK)
        wait_until(lambda: tables.state(node)[0] is StoreNodeState.FAILED, what="the state failed")
        holder = f"{Path('/proc/self/comm').read_text().strip()} (process {os.getpid()})"
        assert tables.state(node)[1] == f"port {free_port} is in use by {holder}; choose another port or stop it"
    wait_until(lambda: tables.is_alive(node), what="the node, now that the port is free", timeout_s=30.0)


def test_a_port_that_another_node_has_is_said_with_its_name(
    services: Services, tables: StoreScpTables, free_port: int
) -> None:
    first = tables.add_node(port=free_port, name="first")
    services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1)
    wait_until(lambda: tables.is_alive(first), what="the first node")
    second = tables.add_node(port=free_port, name="second")
    wait_until(lambda: tables.state(second)[0] is StoreNodeState.FAILED, what="the state failed")
    reason = f"port {free_port} is in use by store node 'first'; choose another port or stop it"
    assert tables.state(second)[1] == reason
    assert tables.is_alive(first)


def test_whether_a_node_is_started_again_can_change_without_restarting_it(
    services: Services, tables: StoreScpTables, free_port: int
) -> None:
    node = tables.add_node(port=free_port, keep_alive=True)
    service = services.start("store_scp", dicom_bind=LOOPBACK, node_processes=1)
    wait_until(lambda: tables.is_alive(node), what="the node")
    (before,) = _pids(service).values()
    with association(free_port) as opened:
        tables.change_node(node, keep_alive=False)
        time.sleep(1.0)
        assert c_store(opened, b"\x08\x00\x60\x00\x02\x00\x00\x00SR").Status == 0x0000
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: tables.state(node)[0] is StoreNodeState.FAILED, what="the state failed")
    time.sleep(1.0)
    assert _pids(service) == {}


def test_a_node_that_dies_is_started_again_and_takes_no_other_with_it(
    services: Services, tables: StoreScpTables
) -> None:
    first, second = free_port(), free_port()
    nodes = [tables.add_node(port=first, name="first"), tables.add_node(port=second, name="second")]
    service = start(services)
    wait_until(lambda: all(map(tables.is_alive, nodes)), what="both nodes")
    before = _pids(service)
    os.kill(before["first"], signal.SIGKILL)
    wait_until(lambda: _pids(service).get("first") not in {None, before["first"]}, what="another process")
    wait_until(lambda: answers(first), what="the node again")
    assert _pids(service)["second"] == before["second"]


def test_without_keep_alive_a_node_that_dies_stays_down_and_says_why(
    services: Services, tables: StoreScpTables, free_port: int
) -> None:
    node = tables.add_node(port=free_port, keep_alive=False)
    service = start(services)
    wait_until(lambda: tables.is_alive(node), what="the node")
    os.kill(_pids(service)["Main store"], signal.SIGKILL)
    wait_until(lambda: tables.state(node)[0] is StoreNodeState.FAILED, what="the state failed")
    assert tables.state(node)[1] == "the node's process was ended by signal 9"
    time.sleep(1.5)
    assert _pids(service) == {}


def test_a_node_that_hangs_is_not_called_alive(services: Services, tables: StoreScpTables, free_port: int) -> None:
    node = tables.add_node(port=free_port)
    service = start(services)
    wait_until(lambda: tables.is_alive(node), what="the node")
    pid = _pids(service)["Main store"]
    os.killpg(pid, signal.SIGSTOP)
    wait_until(lambda: tables.state(node)[0] is StoreNodeState.FAILED, what="the state failed", timeout_s=30.0)
    assert tables.state(node)[1].startswith("does not answer C-ECHO")
    os.killpg(pid, signal.SIGCONT)
    wait_until(lambda: tables.is_alive(node), what="the node again")


def test_a_third_partys_node_is_left_alone(services: Services, tables: StoreScpTables, free_port: int) -> None:
    node = tables.add_node(port=free_port, managed=False)
    start(services)
    time.sleep(2.0)
    assert tables.state(node) == (StoreNodeState.UNKNOWN, "")
    assert not _listens(free_port)


def test_a_service_that_stops_says_so(services: Services, tables: StoreScpTables, free_port: int) -> None:
    node = tables.add_node(port=free_port)
    service = start(services)
    wait_until(lambda: tables.is_alive(node), what="the node")
    service.stop()
    assert service.exit_status == 0
    assert tables.state(node) == (StoreNodeState.STOPPED, "the store_scp service is stopped")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _pids(service: ServiceProcess) -> dict[str, int]:
    """Return the processes of the nodes, by the nodes' names."""
    return node_processes(service.pid or 0)
