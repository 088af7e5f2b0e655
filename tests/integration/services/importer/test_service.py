"""The importer as a process, on a real broker: dead letter, replay, health, an orderly end."""

import json
from pathlib import Path
from typing import Any

import pika
import pytest

from shared.broker.connection import connect, open_channel
from shared.broker.consumer import REASON_HEADER
from shared.broker.publisher import Publisher
from shared.broker.topology import EXCHANGE, IMPORT
from shared.database.models import Handling
from shared.messages import ImportObject
from tests.helpers.importer.in_process import Workbench
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report, write
from tools.measure.store_node import wait_until

pytestmark = pytest.mark.integration


def publish(amqp_url: str, *messages: ImportObject) -> None:
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        for message in messages:
            publisher.publish(message)


def state(workbench: Workbench, message: ImportObject) -> str | None:
    if workbench.count("received_object") == 0:
        return None
    return str(workbench.row(message)["state"].value)


def test_a_dead_letter_says_why_and_can_be_replayed(
    workbench: Workbench, services: Services, amqp_url: str, tmp_path: Path
) -> None:
    importer = services.start("importer")
    message = workbench.put(b"this is not a DICOM object" * 20)
    publish(amqp_url, message)
    wait_until(lambda: state(workbench, message) == "failed", what="the failure")
    quarantined = workbench.spool.find(message.trace_id)
    assert quarantined is not None
    assert quarantined.parent == workbench.spool.quarantined

    body, headers = take_dead_letter(amqp_url)
    assert "UnreadableObject: not a DICOM file" in headers[REASON_HEADER]
    assert ImportObject.model_validate_json(body) == message

    # Somebody has repaired the file, and replays the message.
    write(ct_report(study=Study(seed=1)), quarantined)
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        publisher.publish(ImportObject.model_validate_json(body))
    wait_until(lambda: state(workbench, message) == "imported", what="the import")
    wait_until(lambda: not list(workbench.spool.quarantined.iterdir()), what="the file to leave the quarantine")
    assert workbench.outcome(message) == ("imported", "stored")
    importer.stop()
    assert importer.exit_status == 0


def take_dead_letter(amqp_url: str) -> tuple[bytes, dict[str, Any]]:
    connection = connect(amqp_url=amqp_url, name="operator")
    try:
        channel = open_channel(connection)
        found: list[tuple[bytes, dict[str, Any]]] = []

        def arrived() -> bool:
            method, properties, body = channel.basic_get(IMPORT.dead, auto_ack=True)
            if method is not None:
                found.append((body, properties.headers))
            return bool(found)

        wait_until(arrived, what="the dead letter")
        return found[0]
    finally:
        connection.close()


def test_a_message_of_another_shape_is_dead_lettered_and_harms_nobody(
    workbench: Workbench, services: Services, amqp_url: str
) -> None:
    connection = connect(amqp_url=amqp_url, name="test")
    properties = pika.BasicProperties(delivery_mode=2)
    open_channel(connection).basic_publish(EXCHANGE, IMPORT.work, b'{"v": 99}', properties, mandatory=True)
    connection.close()
    message = workbench.put(ct_report(study=Study(seed=2)))
    publish(amqp_url, message)
    services.start("importer")
    wait_until(lambda: state(workbench, message) == "imported", what="the import")
    assert take_dead_letter(amqp_url)[1][REASON_HEADER].startswith("InvalidMessage")


def test_it_tells_of_its_health_and_counts(workbench: Workbench, services: Services, amqp_url: str) -> None:
    importer = services.start("importer")
    message = workbench.put(ct_report(study=Study(seed=3)))
    publish(amqp_url, message)
    wait_until(lambda: state(workbench, message) == "imported", what="the import")
    status, parts = importer.get("/readyz")
    assert status == 200
    assert all(f'"{part}": {{"ready": true' in parts for part in ("broker", "worker", "database"))
    wait_until(
        lambda: 'dosewire_objects_imported_total{state="imported"} 1.0' in importer.get("/metrics")[1],
        what="the counter",
    )


def test_a_key_that_is_missing_is_told_before_anything_is_lost(
    workbench: Workbench, services: Services, amqp_url: str
) -> None:
    workbench.set_privacy_policy(patient_id=Handling.HASH)
    importer = services.start("importer")
    status, answer = importer.get("/readyz")
    assert status == 200
    assert "DOSEWIRE_PRIVACY_HASH_KEY" in json.loads(answer)["parts"]["privacy_hash_key"]["detail"]
    publish(amqp_url, message := workbench.put(ct_report(study=Study(seed=5))))
    wait_until(lambda: state(workbench, message) == "imported", what="the import")
    importer.stop()
    warnings = [line for line in importer.log_file.read_text().splitlines() if '"warning"' in line]
    assert len(warnings) == 1
    assert json.loads(warnings[0])["items"] == ["patient_id"]


def test_no_patient_data_is_logged(workbench: Workbench, services: Services, amqp_url: str) -> None:
    importer = services.start("importer", log_level="debug")
    message = workbench.put(ct_report(study=Study(seed=4)))
    publish(amqp_url, message)
    wait_until(lambda: state(workbench, message) == "imported", what="the import")
    importer.stop()
    log = importer.log_file.read_text()
    assert message.trace_id in log
    for identity in ("Muster", "DW-0001", "19670412", "1967-04-12"):
        assert identity not in log
