"""Query/retrieve with processes that are killed in the middle: it costs time, and no study."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.broker.connection import connect, open_channel
from shared.broker.topology import QR, RETRY_DELAYS
from shared.database.engine import make_engine
from shared.database.migrate import upgrade
from shared.database.models.qr import QrJob, QrJobState, QrStudyState
from tests.helpers.qr.small_studies import small_studies, uid_of
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.peers.real_pacs import Dcmqrscp, Storescp
from tools.stack.postgres import PrivatePostgres
from tools.stack.rabbitmq import PrivateRabbitMQ

pytestmark = pytest.mark.faults

DAY = date(2026, 3, 10)
STUDIES = 50
LAST_DAY = DAY + timedelta(days=STUDIES // 10)


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path / "destination")
    with server:
        yield server


@pytest.fixture
def pacs(tmp_path: Path, destination: Storescp) -> Iterator[Dcmqrscp]:
    server = Dcmqrscp(folder=tmp_path / "pacs", destinations={destination.ae_title: destination.port})
    with server:
        yield server


@pytest.fixture
def uids(pacs: Dcmqrscp) -> list[str]:
    """The studies of the PACS."""
    studies = small_studies(STUDIES, first_day=DAY)
    pacs.store(image for study in studies for image in study)
    return [uid_of(study) for study in studies]


def retrieved(job: QrJob) -> int:
    return sum(study.state is QrStudyState.RETRIEVED for study in job.studies)


def assert_everything_came(job: QrJob, destination: Storescp, uids: list[str], *, twice: int) -> None:
    """Every study has been retrieved; at most `twice` of them again."""
    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, f"{STUDIES} studies retrieved")
    came = Counter(destination.study_instance_uids())
    assert set(came) == set(uids)
    assert came.total() <= STUDIES + twice


def test_workers_that_are_killed_again_and_again(
    pacs: Dcmqrscp, destination: Storescp, qr_jobs: QrJobs, services: Services, uids: list[str]
) -> None:
    worker = services.start("qr")
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)
    kills = 4
    for kill in range(1, kills + 1):
        enough = kill * STUDIES // (kills + 1)
        qr_jobs.wait(job_id, lambda job, enough=enough: retrieved(job) >= enough)  # type: ignore[misc]
        worker.kill()
        assert qr_jobs.get(job_id).state is QrJobState.RETRIEVING
        worker = services.start("qr")

    job = qr_jobs.wait_until_over(job_id, timeout_s=90)

    assert_everything_came(job, destination, uids, twice=kills)


def test_a_worker_that_is_killed_in_the_query(
    pacs: Dcmqrscp, destination: Storescp, qr_jobs: QrJobs, services: Services, uids: list[str]
) -> None:
    worker = services.start("qr")
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)
    qr_jobs.wait(job_id, lambda job: job.state is not QrJobState.QUEUED)
    worker.kill()
    services.start("qr")

    job = qr_jobs.wait_until_over(job_id, timeout_s=90)

    assert_everything_came(job, destination, uids, twice=1)


def test_two_workers_share_a_job(
    pacs: Dcmqrscp, destination: Storescp, qr_jobs: QrJobs, services: Services, uids: list[str]
) -> None:
    workers = [services.start("qr"), services.start("qr")]
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)

    job = qr_jobs.wait_until_over(job_id, timeout_s=90)

    assert_everything_came(job, destination, uids, twice=0)
    assert all("study over" in worker.log_file.read_text() for worker in workers)


def test_a_pacs_that_is_killed_in_the_middle(
    pacs: Dcmqrscp, destination: Storescp, qr_jobs: QrJobs, services: Services, uids: list[str]
) -> None:
    services.start("qr")
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)
    qr_jobs.wait(job_id, lambda job: retrieved(job) >= 10)
    pacs.kill()
    job = qr_jobs.wait(job_id, lambda job: bool(job.state_detail))
    assert job.state is QrJobState.RETRIEVING
    assert "attempt 1 of 8, again in 5 seconds" in job.state_detail
    pacs.start()

    job = qr_jobs.wait_until_over(job_id, timeout_s=100)

    assert_everything_came(job, destination, uids, twice=1)


def test_a_broker_that_forgets_everything(
    pacs: Dcmqrscp, destination: Storescp, qr_jobs: QrJobs, services: Services, uids: list[str]
) -> None:
    worker = services.start("qr")
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)
    qr_jobs.wait(job_id, lambda job: retrieved(job) >= 10)
    worker.kill()
    forget_all_messages(qr_jobs.amqp_url)
    qr_jobs.let_pass(1500)
    services.start("qr")

    job = qr_jobs.wait_until_over(job_id, timeout_s=100)

    assert_everything_came(job, destination, uids, twice=1)


def test_database_and_broker_that_restart_in_the_middle(
    *,
    pacs: Dcmqrscp,
    destination: Storescp,
    services: Services,
    uids: list[str],
    postgres_server: PrivatePostgres,
    rabbitmq_server: PrivateRabbitMQ,
) -> None:
    database_url = postgres_server.create_database("dosewire")
    upgrade(database_url=database_url)
    engine = make_engine(database_url=database_url, name="dosewire-test")
    qr_jobs = QrJobs(engine=engine, amqp_url=rabbitmq_server.amqp_url)
    services.start("qr", database_url=database_url, amqp_url=rabbitmq_server.amqp_url)
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=LAST_DAY)
    qr_jobs.wait(job_id, lambda job: retrieved(job) >= 10)

    postgres_server.restart()
    qr_jobs.wait(job_id, lambda job: retrieved(job) >= 20)
    rabbitmq_server.kill()
    rabbitmq_server.start()
    job = qr_jobs.wait_until_over(job_id, timeout_s=90)

    assert_everything_came(job, destination, uids, twice=2)
    engine.dispose()


def forget_all_messages(amqp_url: str) -> None:
    connection = connect(amqp_url=amqp_url, name="test")
    channel = open_channel(connection)
    for queue in (QR.work, *(QR.retry(delay) for delay in RETRY_DELAYS)):
        channel.queue_purge(queue)
    connection.close()
