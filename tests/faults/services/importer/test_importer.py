"""The importer dies, or PostgreSQL restarts: everything is imported in the end, and nothing counts twice."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.broker.publisher import Publisher
from shared.broker.topology import IMPORT, RETRY_DELAYS
from shared.database.migrate import upgrade
from shared.messages import ImportObject
from tests.faults.services.importer.crashing_importer import INSTANTS
from tests.helpers.importer.in_process import Workbench
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report
from tools.measure.store_node import wait_until
from tools.stack.ports import free_port
from tools.stack.postgres import PrivatePostgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

CHECKOUT = Path(__file__).resolve().parents[4]
EVENTS = 3


@pytest.fixture
def workbench(database_url: str, data_dir: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def publish(workbench: Workbench, amqp_url: str, *, objects: int, first: int = 0) -> list[ImportObject]:
    """Lay objects into the spool, a study each, and publish them."""
    messages = [
        workbench.put(ct_report(study=Study(seed=seed), events=EVENTS)) for seed in range(first, first + objects)
    ]
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        for message in messages:
            publisher.publish(message)
    return messages


def check_everything_counts_once(workbench: Workbench, amqp_url: str, messages: list[ImportObject]) -> None:
    """Wait until all is done; fails unless each object has its rows once, and its file in `dicom_in`."""
    wait_until(
        lambda: states(workbench) == {"imported": len(messages)} and not list(workbench.spool.pending()),
        what="the import of everything",
        timeout_s=120,
    )
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        queues = [IMPORT.work, IMPORT.dead, *(IMPORT.retry(delay) for delay in RETRY_DELAYS)]
        wait_until(lambda: sum(publisher.depth(queue) for queue in queues) == 0, what="empty queues", timeout_s=60)
    assert workbench.count("study") == workbench.count("report") == len(messages)
    assert workbench.count("irradiation_event") == workbench.count("ct_irradiation") == len(messages) * EVENTS
    assert workbench.count("processed_object") == len(messages)
    kept = {path.stem for path in workbench.spool.dicom_in.rglob("*.dcm")}
    assert kept == {message.trace_id for message in messages}
    assert list(workbench.spool.quarantined.iterdir()) == []


def states(workbench: Workbench) -> dict[str, int]:
    with workbench.engine.connect() as connection:
        rows = connection.execute(text("SELECT state, count(*) FROM received_object GROUP BY state")).all()
    return {state: count for state, count in rows}  # noqa: C416 (rows, not pairs)


@pytest.mark.parametrize("instant", INSTANTS)
def test_killed_at_any_instant_it_counts_everything_once(
    workbench: Workbench, services: Services, amqp_url: str, database_url: str, instant: str
) -> None:
    messages = publish(workbench, amqp_url, objects=6)
    crashing = subprocess.run(
        [sys.executable, "-m", "tests.faults.services.importer.crashing_importer", instant],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DOSEWIRE_DATABASE_URL": database_url,
            "DOSEWIRE_AMQP_URL": amqp_url,
            "DOSEWIRE_DATA_DIR": str(workbench.spool.root),
            "DOSEWIRE_HEALTH_PORT": str(free_port()),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert crashing.returncode == -9, crashing.stderr[-2000:]
    services.start("importer")
    check_everything_counts_once(workbench, amqp_url, messages)


def test_killed_again_and_again_it_counts_everything_once(
    workbench: Workbench, services: Services, amqp_url: str
) -> None:
    messages = publish(workbench, amqp_url, objects=120)
    for part in (1, 2, 3):
        importers = [services.start("importer", batch_size=4), services.start("importer", batch_size=3)]
        wanted = len(messages) * part // 4
        wait_until(partial(has_done, workbench, wanted), what=f"{wanted} objects", timeout_s=60)
        for importer in importers:
            importer.kill()
    services.start("importer")
    check_everything_counts_once(workbench, amqp_url, messages)


def has_done(workbench: Workbench, wanted: int) -> bool:
    return states(workbench).get("imported", 0) >= wanted


def test_a_restart_of_postgresql_costs_nothing_but_time(
    postgres_server: PrivatePostgres, services: Services, amqp_url: str, data_dir: Path
) -> None:
    url = postgres_server.create_database("dosewire")
    upgrade(database_url=url)
    workbench = Workbench(database_url=url, data_dir=data_dir)
    importer = services.start("importer", database_url=url, batch_size=5)
    messages = publish(workbench, amqp_url, objects=60)
    wait_until(partial(has_done, workbench, 10), what="the first objects", timeout_s=60)
    workbench.engine.dispose()
    postgres_server.stop()
    messages += publish(workbench, amqp_url, objects=5, first=60)
    wait_until(lambda: importer.get("/readyz")[0] == 503, what="the importer to notice", timeout_s=30)
    assert importer.get("/healthz")[0] == 200
    postgres_server.start()
    check_everything_counts_once(workbench, amqp_url, messages)
    with workbench.engine.connect() as connection:
        assert connection.scalar(text("SELECT max(attempts) FROM received_object")) == 1
    importer.wait_ready()
    workbench.close()
