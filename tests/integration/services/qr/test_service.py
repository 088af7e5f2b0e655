"""The process of the qr service: health, and an orderly end."""

import time
from datetime import date

import pytest

from shared.database.models.qr import QrJobState
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.request import SUCCESS
from tools.pacs.scripts import ends, finds
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)


def test_it_counts_what_it_did_and_stops_when_asked(qr_jobs: QrJobs, services: Services) -> None:
    service = services.start("qr")
    with SimulatedPacs(find=finds("1.2.3", "1.2.4"), move=ends(SUCCESS, completed=1)) as pacs:
        job_id = qr_jobs.create(
            remote_node_id=qr_jobs.remote_node(port=pacs.port),
            store_node_id=qr_jobs.store_node(port=11112, host=None),
            date_from=DAY,
            date_until=DAY,
        )
        assert qr_jobs.wait_until_over(job_id).state is QrJobState.COMPLETE

    _, metrics = service.get("/metrics")
    assert 'dosewire_qr_studies_total{state="retrieved"} 2.0' in metrics
    assert 'dosewire_qr_association_seconds_count{purpose="query"} 1.0' in metrics
    assert 'dosewire_qr_association_seconds_count{purpose="retrieve"} 2.0' in metrics
    assert service.get("/healthz")[0] == 200
    began = time.monotonic()
    service.stop()
    assert service.exit_status == 0
    assert time.monotonic() - began < 10


def test_without_a_broker_it_lives_and_says_that_it_is_not_ready(services: Services, free_port: int) -> None:
    service = services.start("qr", wait=False, amqp_url=f"amqp://guest:guest@127.0.0.1:{free_port}/")
    deadline = time.monotonic() + 30
    while "no connection to RabbitMQ" not in (state := service.get("/readyz"))[1]:
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    assert state[0] == 503
    assert service.get("/healthz")[0] == 200


def test_wrong_settings_end_it_at_once(services: Services) -> None:
    service = services.start("qr", wait=False, qr_step_seconds=3000)
    deadline = time.monotonic() + 30
    while service.running:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert service.exit_status == 2
    assert "DOSEWIRE_QR_STEP_SECONDS" in service.tail()
