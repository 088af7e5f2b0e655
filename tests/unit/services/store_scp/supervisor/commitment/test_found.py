from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.store_scp.common.commitment_request import Reference
from services.store_scp.supervisor.commitment.decision import Fate, Received
from services.store_scp.supervisor.commitment.found import SpoolIndex
from shared.spool.file_meta import PrivateInformation, file_meta_bytes
from shared.spool.folders import Spool

ONE = Reference("1.2.840.10008.5.1.4.1.1.88.67", "2.25.1")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(root=tmp_path)
    spool.prepare()
    return spool


def put(spool: Spool, reference: Reference = ONE) -> str:
    with spool.receive() as reception:
        information = PrivateInformation(
            trace_id=reception.trace_id, source="c_store", received_at=datetime(2026, 11, 22, tzinfo=UTC)
        )
        meta = file_meta_bytes(
            sop_class_uid=reference.sop_class_uid,
            sop_instance_uid=reference.sop_instance_uid,
            transfer_syntax_uid="1.2.840.10008.1.2",
            private_information=information,
        )
        reception.write(meta + b"\x08\0\x16\0\0\0\0\0")
        reception.commit()
    return reception.trace_id


def test_an_object_that_waits_for_its_import_is_undecided_and_one_in_quarantine_safe(spool: Spool) -> None:
    index = SpoolIndex(spool=spool)
    trace_id = put(spool)
    put(spool, Reference(ONE.sop_class_uid, "2.25.2"))
    index.refresh()
    assert index.received([ONE]) == {trace_id: Received(*ONE, Fate.UNDECIDED)}
    spool.quarantine(trace_id, reason="a test")
    index.refresh()
    assert index.received([ONE]) == {trace_id: Received(*ONE, Fate.SAFE)}


def test_what_has_left_the_spool_is_forgotten(spool: Spool) -> None:
    index = SpoolIndex(spool=spool)
    trace_id = put(spool)
    index.refresh()
    spool.delete(trace_id)
    index.refresh()
    assert index.received([ONE]) == {}


def test_files_without_meta_information_are_passed_over(spool: Spool) -> None:
    with spool.receive() as reception:
        reception.write(b"no DICOM")
        reception.commit()
    (spool.incoming / "notes.dcm").write_text("put here by hand")
    index = SpoolIndex(spool=spool)
    index.refresh()
    assert index.received([ONE]) == {}
