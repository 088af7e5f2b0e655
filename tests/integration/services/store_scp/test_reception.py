"""From a sender to a message on the queue and a row in the database."""

import resource
import socket
import struct
import time
import zlib
from pathlib import Path

import pytest

from shared.database.models import ObjectState
from shared.spool.folders import Spool
from tests.helpers.dcmtk import dcmtk
from tests.helpers.objects.image_files import write_image
from tests.helpers.services import Services
from tests.helpers.store_scp.raw_scu import SOP_CLASS, association, c_store
from tests.helpers.store_scp.service import StoreScpTables, channel_to, take_messages, waiting_messages
from tools.dose_objects import Study, ct_report, write
from tools.measure.store_node import wait_until
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.integration

DEFLATED = "1.2.840.10008.1.2.1.99"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.dcm"
    write(ct_report(study=Study(seed=1)), path)
    return path


def store(port: int, *files: Path) -> None:
    dcmtk("dcmsend", "-aec", "DOSEWIRE", "-aet", "CT99", LOOPBACK, port, *files)


def test_a_dose_report_becomes_a_message_and_a_row(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK)
    store(free_port, report)
    (message,) = take_messages(amqp_url, count=1)
    sent = ct_report(study=Study(seed=1))
    assert message.object_kind == "xray_dose_sr"
    assert message.refusal_reason is None
    assert message.header is not None
    assert message.header.sop_instance_uid == sent.SOPInstanceUID
    assert message.header.study_instance_uid == sent.StudyInstanceUID
    assert message.header.station_name == sent.StationName
    assert message.reception.source == "c_store"
    assert message.reception.store_node == "Main store"
    assert (message.reception.calling_ae_title, message.reception.called_ae_title) == ("CT99", "DOSEWIRE")
    assert message.reception.peer_address == LOOPBACK
    found = Spool(root=Path(service.settings["data_dir"])).find(message.trace_id)
    assert found is not None
    assert message.size_bytes == found.stat().st_size
    wait_until(lambda: len(tables.received()) == 1, what="the row")
    (row,) = tables.received()
    assert (row.trace_id, row.state, row.store_node) == (message.trace_id, ObjectState.QUEUED, "Main store")
    assert (row.sop_instance_uid, row.station_name) == (sent.SOPInstanceUID, sent.StationName)
    (line,) = [line for line in service.log_file.read_text().splitlines() if '"object received"' in line]
    assert all(text in line for text in (sent.StationName, sent.StudyInstanceUID, "CT99", message.trace_id))


def test_the_log_holds_no_patient_data(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK, log_level="debug")
    store(free_port, report)
    take_messages(amqp_url, count=1)
    sent = ct_report(study=Study(seed=1))
    log = service.log_file.read_text()
    for secret in (sent.PatientID, str(sent.PatientName), sent.PatientBirthDate, str(sent.PatientName).split("^")[0]):
        assert secret not in log


def test_an_object_without_dose_says_why_in_its_message(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, tmp_path: Path
) -> None:
    tables.add_node(port=free_port)
    services.start("store_scp", dicom_bind=LOOPBACK)
    store(free_port, write_image(tmp_path / "image.dcm", side=8))
    (message,) = take_messages(amqp_url, count=1)
    assert message.object_kind is None
    assert message.refusal_reason is not None
    assert "CT Image Storage" in message.refusal_reason


def test_bytes_that_nobody_can_read_are_kept_and_left_to_the_importer(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int
) -> None:
    tables.add_node(port=free_port)
    services.start("store_scp", dicom_bind=LOOPBACK)
    with association(free_port) as opened:
        assert c_store(opened, b"\xff" * 1000).Status == 0x0000
    (message,) = take_messages(amqp_url, count=1)
    assert message.object_kind is None
    assert message.reception.calling_ae_title == "RAWSCU"


def test_what_lies_in_the_spool_is_published_on_start_and_once(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    first = services.start("store_scp", dicom_bind=LOOPBACK, sweep_seconds=1)
    store(free_port, report)
    (message,) = take_messages(amqp_url, count=1)
    first.stop()
    assert waiting_messages(amqp_url) == 0, "several sweeps published it once"
    services.start("store_scp", dicom_bind=LOOPBACK)
    assert take_messages(amqp_url, count=1) == [message]


def test_what_the_broker_has_forgotten_is_published_again(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    services.start("store_scp", dicom_bind=LOOPBACK, sweep_seconds=1, republish_after_seconds=2)
    store(free_port, report)
    wait_until(lambda: len(tables.received()) == 1, what="the first message")
    with channel_to(amqp_url) as channel:
        channel.queue_purge("dosewire.import.v1")
    take_messages(amqp_url, count=1)


def test_what_waits_in_the_queue_is_not_published_again(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK, sweep_seconds=1, republish_after_seconds=1)
    store(free_port, report)
    wait_until(lambda: waiting_messages(amqp_url) == 1, what="the message in the queue")
    time.sleep(4.0)  # several sweeps
    service.stop()
    assert waiting_messages(amqp_url) == 1


def test_a_spool_that_is_away_is_said_and_looked_through_when_it_is_back(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK, sweep_seconds=1)
    spool = Spool(root=Path(service.settings["data_dir"]))
    away = spool.root / "away"
    spool.incoming.rename(away)
    wait_until(lambda: '"spool": {"ready": false' in service.get("/readyz")[1], what="the missing folder")
    away.rename(spool.incoming)
    store(free_port, report)
    take_messages(amqp_url, count=1)
    wait_until(service.ready, what="everything ready again")


def test_connections_that_break_are_no_news(services: Services, tables: StoreScpTables, free_port: int) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK, network_timeout_seconds=1)
    half_a_pdu = b"\x01\0\0\0\1\0half"
    reset = struct.pack("ii", 1, 0)
    for begun, lingers in ((b"", False), (half_a_pdu, False), (b"", True), (half_a_pdu, True)):
        with socket.create_connection((LOOPBACK, free_port)) as connection:
            if not lingers:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            connection.sendall(begun)
    with socket.create_connection((LOOPBACK, free_port)) as connection:
        connection.sendall(half_a_pdu)
        assert connection.recv(1) == b""  # until the time-out
    dcmtk("echoscu", "-aec", "DOSEWIRE", LOOPBACK, free_port)
    wait_until(lambda: '"echoes": 1' in service.log_file.read_text(), what="the end of the association in the log")
    log = service.log_file.read_text()
    assert "exception" not in log
    assert '"level": "error"' not in log


def test_an_object_whose_header_takes_more_memory_than_there_is_does_not_stop_the_others(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int, report: Path
) -> None:
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK)
    status = Path(f"/proc/{service.pid}/status").read_text()
    in_use = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.prlimit(service.pid or 0, resource.RLIMIT_DATA, (in_use + 80 * 2**20, resource.RLIM_INFINITY))
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = deflate.compress(b"\x09\0\x10\0OB\0\0\0\0\0\x07" + bytes(112 * 2**20)) + deflate.flush()
    with association(free_port, [(SOP_CLASS, [DEFLATED])]) as opened:
        assert c_store(opened, bomb).Status == 0x0000
    store(free_port, report)
    assert [message.object_kind for message in take_messages(amqp_url, count=2)] == [None, "xray_dose_sr"]
    assert "object has no readable header" in service.log_file.read_text()
