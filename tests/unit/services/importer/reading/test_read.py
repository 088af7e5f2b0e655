"""Reading an object for its message: whatever goes wrong is that message's error, and says nothing of a patient."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.importer.reading.read import read_object
from shared.broker.consumer import Delivery
from shared.errors import ObjectMissing, Permanent, Retriable, UnreadableObject
from shared.messages import ImportObject, Reception
from shared.spool.folders import Spool
from tools.dose_objects import Study, ct_report, write


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(root=tmp_path / "data")
    spool.prepare()
    return spool


@pytest.fixture
def delivery(spool: Spool, tmp_path: Path) -> Delivery[ImportObject]:
    path = write(ct_report(study=Study(seed=1)), tmp_path / "report.dcm")
    with spool.receive() as reception:
        reception.write(path.read_bytes())
        reception.commit()
    source = Reception(source="c_store", received_at=datetime.now(UTC))
    return Delivery(ImportObject(trace_id=reception.trace_id, size_bytes=1, reception=source), attempt=2)


def test_a_dose_report_becomes_a_document(spool: Spool, delivery: Delivery[ImportObject]) -> None:
    one = read_object(delivery, spool)
    assert one.error is None
    assert one.dose
    assert one.dose.document.study_instance_uid == ct_report(study=Study(seed=1)).StudyInstanceUID
    assert (one.message, one.attempt) == (delivery.message, 2)
    assert one.seconds > 0


def test_an_object_in_quarantine_is_read_from_there(spool: Spool, delivery: Delivery[ImportObject]) -> None:
    spool.quarantine(delivery.message.trace_id, reason="a bug of then")
    assert read_object(delivery, spool).dose


def test_an_object_that_is_nowhere_is_missing(spool: Spool, delivery: Delivery[ImportObject]) -> None:
    spool.delete(delivery.message.trace_id)
    one = read_object(delivery, spool)
    assert isinstance(one.error, ObjectMissing)
    assert one.document is None


@pytest.mark.parametrize(
    ("raised", "wanted"),
    [
        (FileNotFoundError(), ObjectMissing),
        (PermissionError(13, "Permission denied"), Retriable),
        (MemoryError(), UnreadableObject),
        (RecursionError(), UnreadableObject),
        (UnreadableObject("not a DICOM file"), UnreadableObject),
        (ZeroDivisionError("a bug"), ZeroDivisionError),
    ],
)
def test_every_error_is_the_messages_own(
    spool: Spool,
    delivery: Delivery[ImportObject],
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    wanted: type[Exception],
) -> None:
    def fail(_path: Path) -> None:
        raise raised

    monkeypatch.setattr("services.importer.reading.read.extract", fail)
    one = read_object(delivery, spool)
    assert type(one.error) is wanted
    assert one.dose is None
    assert isinstance(one.error, Permanent) == (wanted in (ObjectMissing, UnreadableObject))
