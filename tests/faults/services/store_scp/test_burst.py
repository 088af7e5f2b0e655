"""Bursts over eight associations, while something is killed or away (docs/architecture.md, Promises, 2).

Afterwards every object that got Success is imported, and counted once. `DOSEWIRE_TEST_BURST` sets the number of
objects of each burst.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, func, select

from shared.broker.topology import IMPORT
from shared.database.migrate import upgrade
from shared.database.models import IrradiationEvent, ObjectState, ProcessedObject, ReceivedObject, Study
from shared.spool.folders import Spool
from tests.helpers.services import Services
from tests.helpers.store_scp.burst import EVENTS, Burst
from tests.helpers.store_scp.service import StoreScpTables, channel_to
from tools.measure.store_node import wait_until
from tools.stack.ports import LOOPBACK
from tools.stack.postgres import PrivatePostgres
from tools.stack.processes import ServiceProcess
from tools.stack.rabbitmq import PrivateRabbitMQ

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

OBJECTS = int(os.environ.get("DOSEWIRE_TEST_BURST", "500"))
IMPORT_SECONDS = 60 + OBJECTS * 0.2


class Stack:
    """store_scp and importer on the same database, broker and data folder."""

    def __init__(self, *, services: Services, database_url: str, amqp_url: str, data_dir: Path, port: int) -> None:
        self.port = port
        self._services = services
        self._database_url = database_url
        self._data_dir = data_dir
        self._engine = create_engine(database_url, poolclass=NullPool)
        self._amqp_url = amqp_url
        self._spool = Spool(root=data_dir)
        StoreScpTables(database_url=database_url).add_node(port=port)
        self.store_scp = self.start("store_scp")
        self.importer = self.start("importer")

    def start(self, service: str) -> ServiceProcess:
        """Start one of the two and wait until it is ready."""
        return self._services.start(
            service,
            database_url=self._database_url,
            amqp_url=self._amqp_url,
            data_dir=self._data_dir,
            dicom_bind=LOOPBACK,
            sweep_seconds=2,
        )

    def restart_store_scp(self) -> None:
        """Start store_scp again where it is down."""
        if not self.store_scp.running:
            self.store_scp = self.start("store_scp")

    def imported(self) -> int:
        """Return how many reports have been imported."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(ProcessedObject)) or 0

    def check(self, burst: Burst) -> None:
        """Wait for the import; fails unless every object that got Success counts, and counts once."""
        wanted = burst.sop_instance_uids
        wait_until(
            lambda: self.imported() >= len(wanted) and not list(self._spool.pending()),
            what="the import of everything",
            timeout_s=IMPORT_SECONDS,
        )
        with self._engine.connect() as connection:
            processed = Counter(connection.scalars(select(ProcessedObject.sop_instance_uid)))
            assert wanted <= processed.keys(), "an object that got Success is not imported"
            assert set(processed.values()) == {1}, "an object is imported twice"
            studies = connection.execute(select(Study.events_count, func.count()).group_by(Study.events_count)).all()
            assert [tuple(row) for row in studies] == [(EVENTS, len(processed))]
            assert connection.scalar(select(func.count()).select_from(IrradiationEvent)) == EVENTS * len(processed)
            query = select(ReceivedObject.sop_instance_uid, ReceivedObject.state)
            received = [tuple(row) for row in connection.execute(query)]
        assert {state for _, state in received} <= {ObjectState.IMPORTED, ObjectState.DUPLICATE}
        counted = Counter(uid for uid, state in received if state is ObjectState.IMPORTED)
        assert counted == processed, "each object has one reception that counts"
        with channel_to(self._amqp_url) as channel:
            assert channel.queue_declare(IMPORT.dead, passive=True).method.message_count == 0


@pytest.fixture
def burst(tmp_path: Path) -> Burst:
    """The objects."""
    return Burst(folder=tmp_path / "burst", count=OBJECTS)


MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(request: pytest.FixtureRequest, services: Services, data_dir: Path, free_port: int) -> MakeStack:
    """Starts the services on the servers given by name, else on the session's."""

    def make(**urls: str) -> Stack:
        given = {name: urls.get(name) or request.getfixturevalue(name) for name in ("database_url", "amqp_url")}
        return Stack(services=services, data_dir=data_dir, port=free_port, **given)

    return make


@contextmanager
def being_sent(burst: Burst, *, port: int) -> Iterator[None]:
    """Send the burst beside the block."""
    with ThreadPoolExecutor(1) as sender:
        sending = sender.submit(burst.send, port=port)
        yield
        sending.result()


def test_store_scp_killed_in_the_middle(make_stack: MakeStack, burst: Burst, data_dir: Path) -> None:
    stack = make_stack()
    with being_sent(burst, port=stack.port):
        wait_until(lambda: _received(data_dir) > OBJECTS // 4, what="a quarter received", timeout_s=IMPORT_SECONDS)
        stack.store_scp.kill()
    assert 0 < len(burst.succeeded) < OBJECTS
    stack.restart_store_scp()
    burst.send_until_all_succeeded(port=stack.port)
    stack.check(burst)


def test_importer_killed_in_the_middle(make_stack: MakeStack, burst: Burst) -> None:
    stack = make_stack()
    with being_sent(burst, port=stack.port):
        wait_until(lambda: stack.imported() > OBJECTS // 8, what="an eighth imported", timeout_s=IMPORT_SECONDS)
        stack.importer.kill()
    assert stack.imported() < len(burst.succeeded) == OBJECTS
    stack.start("importer")
    stack.check(burst)


def test_rabbitmq_stopped_for_the_whole_burst(
    make_stack: MakeStack, rabbitmq_server: PrivateRabbitMQ, burst: Burst
) -> None:
    stack = make_stack(amqp_url=rabbitmq_server.amqp_url)
    rabbitmq_server.stop()
    burst.send(port=stack.port)
    assert len(burst.succeeded) == OBJECTS
    rabbitmq_server.start()
    stack.check(burst)


def test_postgresql_stopped_for_the_whole_burst(
    make_stack: MakeStack, postgres_server: PrivatePostgres, burst: Burst
) -> None:
    database_url = postgres_server.create_database("dosewire")
    upgrade(database_url=database_url)
    stack = make_stack(database_url=database_url)
    postgres_server.stop()
    burst.send(port=stack.port)
    assert len(burst.succeeded) == OBJECTS
    postgres_server.start()
    stack.check(burst)


def _received(data_dir: Path) -> int:
    # The importer takes files away, but leaves those that it keeps in another folder.
    return sum(1 for folder in ("incoming", "dicom_in") for _ in (data_dir / folder).rglob("*.dcm"))
