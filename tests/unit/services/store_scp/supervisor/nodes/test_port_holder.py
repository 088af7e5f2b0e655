import os
import socket
from pathlib import Path

import pytest

from services.store_scp.supervisor.nodes.port_holder import Holder, who_listens
from tools.stack.ports import LOOPBACK, free_port


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, LOOPBACK), (socket.AF_INET6, "::1")])
def test_a_process_that_listens_is_found(family: socket.AddressFamily, address: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        found = who_listens(server.getsockname()[1])
    command = Path("/proc/self/comm").read_text().strip()
    assert found == Holder(os.getpid(), os.getpgid(0), command)


def test_nobody_listens_on_a_free_port() -> None:
    assert who_listens(free_port()) is None


def test_a_connection_is_no_listener() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        client = socket.create_connection(server.getsockname())
    with client:
        assert who_listens(client.getsockname()[1]) is None


def test_without_a_view_on_processes_nobody_is_found(tmp_path: Path) -> None:
    assert who_listens(104, proc=tmp_path) is None
