"""From an N-ACTION to the N-EVENT-REPORT: the commitments of the whole service."""

from pathlib import Path

import pytest

from tests.helpers.dcmtk import dcmtk
from tests.helpers.services import Services
from tests.helpers.store_scp.modality import Modality, Reference, references_of
from tests.helpers.store_scp.service import StoreScpTables
from tools.dose_objects import Study, ct_report, write
from tools.measure.store_node import wait_until
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.integration


@pytest.fixture
def sent(tmp_path: Path) -> tuple[Path, Reference]:
    report = ct_report(study=Study(seed=1))
    (reference,) = references_of([report])
    return write(report, tmp_path / "report.dcm"), reference


def store(port: int, *files: Path) -> None:
    dcmtk("dcmsend", "-aec", "DOSEWIRE", "-aet", "CT99", LOOPBACK, port, *files)


def test_what_was_imported_is_committed_and_the_rest_is_not(
    services: Services, tables: StoreScpTables, database_url: str, free_port: int, sent: tuple[Path, Reference]
) -> None:
    path, reference = sent
    unknown, conflict = (reference[0], "2.25.1"), ("1.2.840.10008.5.1.4.1.1.2", reference[1])
    tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK)
    services.start("importer")
    with Modality() as modality:
        modality.define(database_url)
        store(free_port, path)
        assert modality.ask(free_port, reference)[0] == 0x0000
        (good,) = modality.wait_for_reports(1)
        assert (good.event_type_id, good.committed, good.failed) == (1, (reference,), {})
        assert (good.calling_ae_title, good.called_ae_title) == ("DOSEWIRE", "CT99")
        _, transaction_uid = modality.ask(free_port, reference, unknown, conflict)
        bad = modality.wait_for_reports(2)[1]
        # It has the report, and may still be answering it: a device that is gone by then gets it once more.
        wait_until(lambda: waiting(service.settings["data_dir"]) == [], what="no request waits", timeout_s=60.0)
    assert (bad.event_type_id, bad.transaction_uid) == (2, transaction_uid)
    assert bad.committed == (reference,)
    assert bad.failed == {unknown: 0x0112, conflict: 0x0119}
    metrics = service.get("/metrics")[1]
    assert 'dosewire_storage_commitment_reports_total{outcome="all_committed"} 1.0' in metrics
    assert 'dosewire_storage_commitment_reports_total{outcome="failures_exist"} 1.0' in metrics


def waiting(data_dir: str | Path) -> list[Path]:
    return list((Path(data_dir) / "commitment").glob("*.json"))
