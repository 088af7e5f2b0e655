"""A Store SCP that is killed, or whose database and broker are away: no Success is ever false, nothing is lost."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info

from shared.database.migrate import upgrade
from tests.helpers.dcmtk import dcmtk
from tests.helpers.services import Services
from tests.helpers.store_scp.burst import Burst
from tests.helpers.store_scp.service import StoreScpTables, node_processes, take_messages
from tools.dose_objects import ct_report, write
from tools.measure.store_node import data_set_bytes, wait_until
from tools.stack.ports import LOOPBACK
from tools.stack.postgres import PrivatePostgres
from tools.stack.rabbitmq import PrivateRabbitMQ

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

OBJECTS = 200
KILLS = 5


@pytest.fixture
def tables(database_url: str) -> StoreScpTables:
    return StoreScpTables(database_url=database_url)


@pytest.fixture
def burst(tmp_path: Path) -> Burst:
    return Burst(folder=tmp_path / "burst", count=OBJECTS)


def test_what_a_killed_node_answered_with_success_is_on_disk_whole(
    services: Services, tables: StoreScpTables, data_dir: Path, free_port: int, burst: Burst
) -> None:
    node = tables.add_node(port=free_port)
    supervisor = services.start("store_scp", dicom_bind=LOOPBACK)
    chance = random.Random(20261121)
    with ThreadPoolExecutor(1) as sender:
        for _ in range(KILLS):
            there = len(_stored(data_dir))
            sending = sender.submit(burst.send, port=free_port)
            _wait_for_objects(data_dir, count=there + chance.randint(5, OBJECTS // KILLS))
            os.kill(node_processes(supervisor.pid or 0)["Main store"], signal.SIGKILL)
            sending.result()
            wait_until(lambda: _answers(free_port), what="the node again")
    wait_until(lambda: tables.is_alive(node), what="the state alive")
    burst.send_until_all_succeeded(port=free_port)
    sent = {read_file_meta_info(path).MediaStorageSOPInstanceUID: data_set_bytes(path) for path in burst.files}
    stored = [(read_file_meta_info(path).MediaStorageSOPInstanceUID, path) for path in _stored(data_dir)]
    assert {uid for uid, _ in stored} == set(sent)
    assert all(data_set_bytes(path) == sent[uid] for uid, path in stored)


def test_with_database_and_broker_down_a_restarted_service_receives_and_publishes_later(
    services: Services,
    postgres_server: PrivatePostgres,
    rabbitmq_server: PrivateRabbitMQ,
    free_port: int,
    tmp_path: Path,
) -> None:
    database_url = postgres_server.create_database("dosewire")
    upgrade(database_url=database_url)
    tables = StoreScpTables(database_url=database_url)
    node = tables.add_node(port=free_port)
    where = {"database_url": database_url, "amqp_url": rabbitmq_server.amqp_url, "dicom_bind": LOOPBACK}
    services.start("store_scp", wait=True, **where).stop()
    postgres_server.stop()
    rabbitmq_server.stop()
    service = services.start("store_scp", wait=False, **where)
    wait_until(lambda: _answers(free_port), what="the node")
    report = write(ct_report(), tmp_path / "report.dcm")
    dcmtk("storescu", "-aec", "DOSEWIRE", LOOPBACK, free_port, report)
    status, text = service.get("/readyz")
    assert status == 503
    assert "PostgreSQL is away" in text
    assert "RabbitMQ" in text
    rabbitmq_server.start()
    (message,) = take_messages(rabbitmq_server.amqp_url, count=1, timeout_s=60.0)
    postgres_server.start()
    wait_until(lambda: len(tables.received()) == 1, what="the row", timeout_s=60.0)
    assert tables.received()[0].trace_id == message.trace_id
    wait_until(lambda: tables.is_alive(node) and service.ready(), what="everything ready again", timeout_s=60.0)


def test_nodes_end_with_a_supervisor_that_is_killed_and_the_next_one_takes_their_port(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, tmp_path: Path
) -> None:
    node = tables.add_node(port=free_port)
    first = services.start("store_scp", dicom_bind=LOOPBACK)
    wait_until(lambda: tables.is_alive(node), what="the node")
    supervisor = first.pid or 0
    (orphan,) = node_processes(supervisor).values()
    os.kill(supervisor, signal.SIGKILL)
    services.start("store_scp", dicom_bind=LOOPBACK)
    wait_until(lambda: not _runs(orphan), what="the end of the node")
    wait_until(lambda: _answers(free_port), what="the node of the next supervisor")
    dcmtk("storescu", "-aec", "DOSEWIRE", LOOPBACK, free_port, write(ct_report(), tmp_path / "report.dcm"))
    take_messages(amqp_url, count=1)


def _stored(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "incoming").glob("*.dcm"))


def _answers(port: int) -> bool:
    return dcmtk("echoscu", "-to", 5, "-aec", "DOSEWIRE", LOOPBACK, port, check=False).returncode == 0


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_for_objects(data_dir: Path, *, count: int) -> None:
    wait_until(lambda: len(_stored(data_dir)) >= count, what=f"{count} objects", timeout_s=60.0)
