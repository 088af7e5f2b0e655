"""Jobs that choose, with workers that are killed again and again, and a limit on associations across all of them.

`DOSEWIRE_TEST_QR_STUDIES` sets the number of studies (12).
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database.engine import make_engine
from shared.database.models.qr import QrJobState
from tests.helpers.qr.hospital import DAY, FAST_SWEEP, Hospital
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.process import SimulatedPacsProcess

pytestmark = pytest.mark.faults

STUDIES = int(os.environ.get("DOSEWIRE_TEST_QR_STUDIES", "12"))
KILL_EVERY = 2.0


@pytest.fixture
def hospital(database_url: str, amqp_url: str, services: Services) -> Iterator[Hospital]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield Hospital(jobs=QrJobs(engine=engine, amqp_url=amqp_url), services=services)
    engine.dispose()


def pacs_of(hospital: Hospital, folder: Path) -> SimulatedPacsProcess:
    destinations = {"DOSEWIRE": hospital.port}
    return SimulatedPacsProcess(
        folder=folder, destinations=destinations, studies=STUDIES, first_day=DAY, kinds=["ct", "fl"]
    )


def reports(pacs: SimulatedPacsProcess) -> set[str]:
    studies = [pacs.archive.study(number) for number in range(STUDIES)]
    return {f"{study.uid}.{3 if study.kind == 'ct' else 2}.1" for study in studies}


@pytest.mark.timeout(120 + 3 * STUDIES)
def test_workers_that_are_killed_every_two_seconds(hospital: Hospital, services: Services, tmp_path: Path) -> None:
    with pacs_of(hospital, tmp_path / "pacs") as pacs:
        job_id = hospital.begin(pacs, "CT", "FL")
        kills = 0
        worker = services.started[-1]
        deadline = time.monotonic() + 60 + 3 * STUDIES
        while hospital.jobs.get(job_id).state.is_open and time.monotonic() < deadline:
            time.sleep(KILL_EVERY)
            worker.kill()
            kills += 1
            worker = services.start("qr", **FAST_SWEEP)
        job = hospital.jobs.wait_until_over(job_id, timeout_s=10)

    assert job.state is QrJobState.COMPLETE
    assert job.state_detail.startswith(f"{STUDIES} studies retrieved")
    came = Counter(hospital.received())
    assert set(came) == reports(pacs)
    assert came.total() <= STUDIES + kills
    assert kills


def test_several_workers_hold_no_more_associations_than_the_node_allows(
    hospital: Hospital, services: Services, tmp_path: Path
) -> None:
    for _ in range(2):
        services.start("qr", **FAST_SWEEP)
    with pacs_of(hospital, tmp_path / "pacs") as pacs:
        job_id = hospital.begin(pacs, "CT", "FL", node_settings={"max_associations": 1})
        job = hospital.jobs.wait_until_over(job_id, timeout_s=60 + STUDIES)

    assert job.state is QrJobState.COMPLETE
    assert set(hospital.received()) == reports(pacs)
    assert pacs.counts["associations at once"] == 1
