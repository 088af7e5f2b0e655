"""An installation whose data lasts from one run to the next, as `scripts/up` has it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from tools.stack.errors import StackError
from tools.stack.installation import Installation
from tools.stack.progress import Progress

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


def installation(folder: Path, **environ: str) -> Installation:
    given = {f"DOSEWIRE_{name.upper()}": value for name, value in environ.items()}
    return Installation(folder=folder, environ=given, progress=Progress(console=Console(file=io.StringIO())), keep=True)


@contextmanager
def running(installation: Installation) -> Iterator[Installation]:
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


def test_data_lasts_and_a_folder_has_one_installation(server_folder: Path, amqp_url: str, free_port: int) -> None:
    with running(installation(server_folder, amqp_url=amqp_url)) as first:
        first.api.post("/store-nodes", {"name": "CT hall", "ae_title": "HALL", "port": free_port, "enabled": False})
        first.check()
        with pytest.raises(StackError, match="already runs on"):
            installation(server_folder, amqp_url=amqp_url).start()
    with running(installation(server_folder, amqp_url=amqp_url)) as second:
        assert [node["name"] for node in second.api.get("/store-nodes")["items"]] == ["CT hall"]
        with pytest.raises(StackError, match="409"):
            second.api.post("/store-nodes", {"name": "CT hall", "ae_title": "HALL", "port": free_port + 1})


def test_a_service_that_dies_is_noticed(server_folder: Path, database_url: str, amqp_url: str) -> None:
    with running(installation(server_folder, database_url=database_url, amqp_url=amqp_url)) as started:
        started.service("importer").kill()
        with pytest.raises(StackError, match=r"importer ended \(status -9\)"):
            started.check()


def test_a_database_that_is_away_is_named(server_folder: Path, amqp_url: str, free_port: int) -> None:
    away = installation(
        server_folder, database_url=f"postgresql://u:p@127.0.0.1:{free_port}/dosewire", amqp_url=amqp_url
    )
    with pytest.raises(StackError, match="PostgreSQL is away"), running(away):
        pass


def test_wrong_variables_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)DOSEWIRE_DATABASE_URL: must look like.*DOSEWIRE_HTTP_PORT: "):
        installation(tmp_path, database_url="mysql://u@h/d", http_port="eighty")
