"""Fixtures for all tests: real servers, started when the first test needs them.

`DOSEWIRE_TEST_DATABASE_URL` and `DOSEWIRE_TEST_AMQP_URL` (with `DOSEWIRE_TEST_RABBITMQ_API_URL` where the
management plugin is not at port 15672 of the same host) name servers to use in place of private ones.
"""

import functools
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.servers import SessionServers, database_of, session_broker, session_database_server
from tests.helpers.services import Services
from tools.stack import ports
from tools.stack.postgres import PrivatePostgres, create_database, drop_database
from tools.stack.programs import system_path
from tools.stack.rabbitmq import PrivateRabbitMQ
from tools.stack.vhosts import VirtualHosts

PORTS_OF_A_WORKER = 1500
_SERVERS = pytest.StashKey[SessionServers]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the one owner of the session's servers, in the process that outlives all workers."""
    if hasattr(config, "workerinput"):  # each worker, and what it starts, has ports of its own
        number = int(config.workerinput["workerid"].removeprefix("gw")) % (
            (ports.LAST - ports.FIRST) // PORTS_OF_A_WORKER
        )
        first = ports.FIRST + number * PORTS_OF_A_WORKER
        os.environ[ports.VARIABLE] = f"{first}-{first + PORTS_OF_A_WORKER - 1}"
    else:
        os.environ["PATH"] = system_path()  # DCMTK's storescu, not pynetdicom's
        # Ended by SIGTERM, pytest would leave the servers' files behind; as after Ctrl-C it removes them.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        config.stash[_SERVERS] = SessionServers()
        config.stash[_SERVERS].start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session's servers."""
    servers = config.stash.get(_SERVERS, None)
    if servers is not None:
        servers.close()


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of the test's own, migrated, on the session's PostgreSQL."""
    server = session_database_server()
    name = f"dosewire_test_{secrets.token_hex(8)}"
    create_database(server.url, name, template=server.template)
    yield database_of(server.url, name)
    drop_database(server.url, name)


@pytest.fixture
def amqp_url() -> Iterator[str]:
    """A virtual host of the test's own on the session's RabbitMQ."""
    broker = session_broker()
    vhosts = VirtualHosts(amqp_url=broker.amqp_url, api_url=broker.api_url)
    name = f"dosewire-test-{secrets.token_hex(8)}"
    yield vhosts.add(name)
    vhosts.delete(name)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty folder for a service's files."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def free_port() -> int:
    """A loopback port that nobody listens on."""
    return ports.free_port()


@pytest.fixture
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    """Starts real service processes: `services.start("importer")`."""
    defaults = {
        name: functools.partial(request.getfixturevalue, name) for name in ("database_url", "amqp_url", "data_dir")
    }
    services = Services(folder=tmp_path / "logs", defaults=defaults)
    yield services
    services.close()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for a server's files that the user postgres may pass through, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="dosewire-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres_server(server_folder: Path) -> Iterator[PrivatePostgres]:
    """A PostgreSQL of the test's own, to be stopped and killed; without databases of ours."""
    server = PrivatePostgres(folder=server_folder / "postgres", durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def rabbitmq_server(server_folder: Path) -> Iterator[PrivateRabbitMQ]:
    """A RabbitMQ of the test's own, to be stopped and killed."""
    server = PrivateRabbitMQ(folder=server_folder / "rabbitmq")
    server.start()
    yield server
    server.kill()
