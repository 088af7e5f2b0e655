"""The golden files are what older versions have put on the queues: a file is added, never changed."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from shared.errors import InvalidMessage
from shared.messages import CheckNode, HeaderSummary, ImportObject, Message, QrStep, Reception, parse

GOLDEN = Path(__file__).parents[2] / "golden"
MESSAGES: dict[str, Message] = {
    "import_object.v1.json": ImportObject(
        trace_id="019a9e7f0c0070008000000000000001",
        size_bytes=22528,
        reception=Reception(
            source="c_store",
            received_at=datetime(2026, 11, 21, 20, 0, 0, 123000, UTC),
            store_node="Main store",
            calling_ae_title="CT99",
            called_ae_title="DOSEWIRE",
            peer_address="127.0.0.1",
        ),
        header=HeaderSummary(
            sop_class_uid="1.2.840.10008.5.1.4.1.1.88.67",
            sop_instance_uid="2.25.1",
            study_instance_uid="2.25.2",
            series_instance_uid="2.25.3",
            modality="SR",
            station_name="CT99",
        ),
        object_kind="rdsr",
    ),
    "import_object_refused.v1.json": ImportObject(
        trace_id="019a9e7f0c0070008000000000000002",
        size_bytes=0,
        reception=Reception(source="command_line", received_at=datetime(2026, 11, 21, 20, 0, tzinfo=UTC)),
        refusal_reason="CT images hold no dose that can be read",
    ),
    "qr_step.v1.json": QrStep(job_id=UUID("0190a0b0-0000-7000-8000-000000000001"), study_id=7),
    "qr_step_query.v1.json": QrStep(job_id=UUID("0190a0b0-0000-7000-8000-000000000001")),
    "check_node_test.v1.json": CheckNode(check_id=UUID("0190a0b0-0000-7000-8000-000000000002")),
    "check_node_echo_remote.v1.json": CheckNode(remote_node_id=3),
    "check_node_echo_store.v1.json": CheckNode(store_node_id=4),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_of_older_versions_are_still_read(name: str) -> None:
    expected = MESSAGES[name]
    assert parse(type(expected), (GOLDEN / name).read_bytes()) == expected


@pytest.mark.parametrize("name", MESSAGES)
def test_what_we_publish_is_what_was_agreed(name: str) -> None:
    assert MESSAGES[name].model_dump_json(exclude_none=True) == (GOLDEN / name).read_text().strip()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"not json", "body"),
        (b"[]", "body"),
        (b'{"v": 2}', "v"),
        (b'{"trace_id": "../../etc/passwd", "size_bytes": 1}', "trace_id"),
        (b'{"trace_id": "019a9e7f0c0070008000000000000001", "size_bytes": -1}', "size_bytes"),
    ],
)
def test_what_is_no_message_is_refused_by_field(body: bytes, field: str) -> None:
    with pytest.raises(InvalidMessage, match=rf"not a message of the class ImportObject: (.*; )?{field}: "):
        parse(ImportObject, body)


def test_unknown_fields_are_refused() -> None:
    body = (GOLDEN / "qr_step.v1.json").read_bytes().replace(b'"study_id"', b'"patient_id"')
    with pytest.raises(InvalidMessage, match="patient_id"):
        parse(QrStep, body)


@pytest.mark.parametrize("body", [b'{"v": 1}', b'{"remote_node_id": 1, "store_node_id": 2}'])
def test_a_check_is_of_one_thing(body: bytes) -> None:
    with pytest.raises(InvalidMessage, match="exactly one of check_id, remote_node_id, store_node_id"):
        parse(CheckNode, body)


def test_a_refused_message_does_not_show_its_values() -> None:
    with pytest.raises(InvalidMessage) as caught:
        parse(ImportObject, b'{"trace_id": "Doe^Jane"}')
    assert "Doe" not in str(caught.value)
