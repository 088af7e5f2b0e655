"""A Store SCP that is killed between a request for storage commitment and its report."""

import pytest

from tests.helpers.services import Services
from tests.helpers.store_scp.modality import Modality
from tests.helpers.store_scp.service import StoreScpTables
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.faults


def test_the_report_comes_after_the_restart(
    services: Services, database_url: str, amqp_url: str, free_port: int
) -> None:
    StoreScpTables(database_url=database_url).add_node(port=free_port)
    killed = services.start("store_scp", dicom_bind=LOOPBACK)
    unknown = ("1.2.840.10008.5.1.4.1.1.88.67", "2.25.1")
    with Modality() as modality:
        status, transaction_uid = modality.ask(free_port, unknown)
        killed.kill()
        assert status == 0x0000
        modality.define(database_url)
        services.start("store_scp", dicom_bind=LOOPBACK)
        (report,) = modality.wait_for_reports(1)
    assert (report.transaction_uid, report.failed) == (transaction_uid, {unknown: 0x0112})
