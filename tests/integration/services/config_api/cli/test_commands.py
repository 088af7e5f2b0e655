"""`dosewire status` and `dosewire nodes` against the real service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.database.base import now
from shared.database.engine import make_engine
from shared.database.models import StoreNode, StoreNodeState
from tests.helpers.services import Services
from tools.peers.real_pacs import Storescp
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.integration

DOSEWIRE = Path(sys.executable).with_name("dosewire")


class CommandLine:
    """Runs `dosewire` against one installation."""

    def __init__(self, *, url: str) -> None:
        self.url = url

    def __call__(self, *arguments: str | int, status: int = 0) -> str:
        """Return what it prints to both streams; it has to end with `status`."""
        done = subprocess.run(
            [DOSEWIRE, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"DOSEWIRE_API_URL": self.url, "COLUMNS": "80", "TERM": "dumb"},
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def dosewire(services: Services) -> CommandLine:
    port = free_port()
    services.start("config_api", http_port=port, service_health_urls="-")
    return CommandLine(url=f"http://{LOOPBACK}:{port}")


def report(database_url: str, state: StoreNodeState) -> None:
    """Write what store_scp would write of the first node."""
    engine = make_engine(database_url=database_url, name="test")
    with Session(engine) as session, session.begin():
        session.execute(update(StoreNode).where(StoreNode.id == 1).values(state=state, state_at=now()))
    engine.dispose()


def test_nodes_from_creation_to_removal(
    dosewire: CommandLine, services: Services, database_url: str, tmp_path: Path
) -> None:
    services.start("qr")
    assert "No node yet" in dosewire("nodes")
    with Storescp(folder=tmp_path / "scp", ae_title="ARCHIVE") as storescp:
        assert "has the id 1" in dosewire("nodes", "add", "CT hall", "DOSEWIRE", 11112)
        report(database_url, StoreNodeState.ALIVE)
        dosewire("nodes", "add", "Archive", "ARCHIVE", storescp.port, "--host", LOOPBACK)
        dosewire("nodes", "add-remote", "PACS", "ORTHANC", LOOPBACK, free_port())
        listed = dosewire("nodes")
        assert listed.count("alive") >= 2
        assert "association fail" in listed
        assert "no answer yet" not in listed
        assert f"{LOOPBACK}:{storescp.port}" in listed
        assert "PACS: nothing listens on" in listed
        assert "alive: answers the C-ECHO of store_scp" in dosewire("nodes", "echo", "ct hall")
        assert "alive: answers C-ECHO" in dosewire("nodes", "echo", "archive")
    assert "association fail: nothing listens" in dosewire("nodes", "echo", "Archive", status=1)
    assert "is enabled: set enabled to false" in dosewire("nodes", "remove", "CT hall", status=1)
    dosewire("nodes", "disable", "CT hall")
    assert "disabled" in dosewire("nodes")
    dosewire("nodes", "enable", "CT hall")
    dosewire("nodes", "disable", "CT hall")
    report(database_url, StoreNodeState.STOPPED)
    dosewire("nodes", "remove", "CT hall")
    dosewire("nodes", "remove", "Archive")
    dosewire("nodes", "remove", "PACS")
    assert json.loads(dosewire("nodes", "--json")) == []


def test_a_test_of_a_remote_node_says_how_each_step_went(
    dosewire: CommandLine, services: Services, tmp_path: Path
) -> None:
    services.start("qr")
    with Storescp(folder=tmp_path / "scp", ae_title="PACS") as storescp:
        dosewire("nodes", "add-remote", "PACS", "PACS", LOOPBACK, storescp.port)
        lines = dosewire("nodes", "test", "PACS", status=1).splitlines()
        tested = json.loads(dosewire("nodes", "test", "PACS", "--json", status=1))
    assert [line.split()[:2] for line in lines] == [
        ["tcp", "passed"],
        ["association", "passed"],
        ["echo", "passed"],
        ["find", "failed"],
        ["move", "skipped"],
    ]
    assert "does not accept C-FIND" in lines[3]
    assert not tested["passed"]
    assert [step["verdict"] for step in tested["steps"]] == ["passed", "passed", "passed", "failed", "skipped"]
    assert "no store node" in dosewire("nodes", "test", "PACS", "--store", "CT hall", status=1)


def test_what_is_wrong_with_a_node_is_told(dosewire: CommandLine) -> None:
    assert "letters A-Z and digits only" in dosewire("nodes", "add", "CT", "CT HALL", 11112, status=1)
    dosewire("nodes", "add", "CT", "CT", 11112, "--disabled")
    assert "port 11112 is in use by store node 'CT'" in dosewire("nodes", "add", "CT 2", "CT2", 11112, status=1)
    assert "no node is called 'MR'; there are: CT" in dosewire("nodes", "echo", "MR", status=1)
    options = ("--allow-ae-title", "CT1", "--allow-ae-title", "CT_2", "--allow-peer", "192.0.2.0/33")
    assert "must be an IP address such as" in dosewire("nodes", "add", "Cath", "CATH", 11113, *options, status=1)
    dosewire("nodes", "add", "Cath", "CATH", 11113, *options[:4], "--allow-peer", "192.0.2.0/24", "--tls", "--disabled")
    assert "Cath: takes CT1 or CT_2, from 192.0.2.0/24, TLS" in dosewire("nodes")
    assert "No caller was rejected." in dosewire("nodes", "rejected")
    assert dosewire("nodes", "rejected", "--json") == "[]\n"
    dosewire("nodes", "add", "Archive", "ARCH", 104, "--host", "archive.example.org")
    dosewire("nodes", "add-remote", "archive", "ARCH", "archive.example.org", 104)
    assert "a store node and a remote node are called" in dosewire("nodes", "remove", "Archive", status=1)
    for number_or_ae_title in ("1", "CT"):
        assert "CT is enabled" in dosewire("nodes", "enable", number_or_ae_title)
    assert "no store node is called 'ARC'; there are: Archive, CT, Cath" in dosewire("nodes", "enable", "ARC", status=1)


def test_the_state_of_an_installation(dosewire: CommandLine) -> None:
    text = dosewire("status")
    assert "All is well." in text
    assert "import" in text
    assert json.loads(dosewire("status", "--json"))["ok"] is True
    dosewire("nodes", "add", "[red]CT[/red]", "CT", 11112)
    text = dosewire("status", status=1)
    assert "Down: store node [red]CT[/red]: the store_scp service has not reported on it yet" in text
    assert json.loads(dosewire("status", "--json", status=1))["ok"] is False


def test_a_service_that_is_down(services: Services) -> None:
    port, silent = free_port(), free_port()
    services.start("config_api", http_port=port, service_health_urls=f"importer=http://{LOOPBACK}:{silent}")
    text = CommandLine(url=f"http://{LOOPBACK}:{port}")("status", status=1)
    assert f"Down: service importer: its health server at http://{LOOPBACK}:{silent} does not answer" in text


def test_nobody_answers() -> None:
    text = CommandLine(url=f"http://{LOOPBACK}:{free_port()}")("status", status=1)
    assert "start the service config_api, or set DOSEWIRE_API_URL" in text
    assert "DOSEWIRE_API_URL: must look like" in CommandLine(url="localhost")("nodes", status=2)
