"""A node test whose worker is killed in the middle: another one makes it, from the first step."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shared.database.engine import make_engine
from shared.database.models import CheckState
from tests.helpers.qr.node_checks import begin_check, get_check, verdicts_of, wait_check
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.request import SUCCESS, Request
from tools.pacs.scripts import ends
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.faults

TODAY = datetime.now(UTC).date()


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


def test_a_worker_that_is_killed_in_the_middle_of_a_test(qr_jobs: QrJobs, services: Services) -> None:
    is_stuck, first = threading.Event(), threading.Lock()

    def find(request: Request) -> None:
        if first.acquire(blocking=False):
            is_stuck.set()
            request.wait(60)
        else:
            ends(SUCCESS)(request)

    with SimulatedPacs(find=find) as pacs:
        worker = services.start("qr")
        check_id = begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title))
        assert is_stuck.wait(30)
        wait_check(qr_jobs, check_id, lambda check: len(check.steps) == 3)
        worker.kill()
        assert get_check(qr_jobs, check_id).state is CheckState.RUNNING

        services.start("qr")
        check = wait_check(qr_jobs, check_id, timeout_s=30)
    assert (check.state, check.passed) == (CheckState.DONE, True)
    assert list(verdicts_of(check).values()) == ["passed", "passed", "passed", "passed", "skipped"]


def test_a_worker_that_is_stopped_in_the_middle_of_a_test_leaves_it_to_another(
    qr_jobs: QrJobs, services: Services
) -> None:
    is_stuck, first = threading.Event(), threading.Lock()

    def find(request: Request) -> None:
        if first.acquire(blocking=False):
            is_stuck.set()
            request.wait(60)
        else:
            ends(SUCCESS)(request)

    with SimulatedPacs(find=find) as pacs:
        worker = services.start("qr")
        check_id = begin_check(qr_jobs, remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title))
        assert is_stuck.wait(30)
        services.start("qr")
        worker.stop(timeout_s=10)
        assert worker.exit_status == 0
        check = wait_check(qr_jobs, check_id, timeout_s=40)
    assert (check.state, check.passed) == (CheckState.DONE, True)
