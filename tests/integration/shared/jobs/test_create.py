"""The creation of jobs."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from shared.broker.publisher import Publisher
from shared.broker.topology import QR
from shared.database.engine import make_engine
from shared.database.models.qr import QrJobState
from shared.jobs.create import InvalidJob
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
STUDY = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


@pytest.fixture
def nodes(qr_jobs: QrJobs) -> dict[str, Any]:
    return {"remote_node_id": qr_jobs.remote_node(port=104), "store_node_id": qr_jobs.store_node(port=11112)}


def test_a_job_is_written_down_and_its_first_step_published(qr_jobs: QrJobs, nodes: dict[str, Any]) -> None:
    job = qr_jobs.get(qr_jobs.create(**nodes, date_from=DAY, date_until=DAY + timedelta(days=1)))

    assert (job.state, job.attempts, job.studies) == (QrJobState.QUEUED, 0, [])
    assert (job.date_from, job.date_until) == (DAY, DAY + timedelta(days=1))
    with Publisher(amqp_url=qr_jobs.amqp_url, name="test") as publisher:
        assert publisher.depth(QR.work) == 1


def test_a_broker_that_is_away_does_not_lose_the_job(qr_jobs: QrJobs, nodes: dict[str, Any], free_port: int) -> None:
    qr_jobs.amqp_url = f"amqp://guest:guest@127.0.0.1:{free_port}/"
    job_id = qr_jobs.create(**nodes, study_instance_uid=STUDY)
    assert qr_jobs.get(job_id).state is QrJobState.QUEUED


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({}, "give a first and a last day, or a Study Instance UID"),
        ({"date_from": DAY}, "give a first and a last day"),
        ({"date_from": DAY, "date_until": DAY - timedelta(days=1)}, "comes after the last"),
        ({"study_instance_uid": "x"}, "not a Study Instance UID"),
        ({"study_instance_uid": "1.2.*"}, "not a Study Instance UID"),
        ({"study_instance_uid": STUDY, "date_from": DAY}, "not both"),
    ],
)
def test_a_query_that_is_none_is_refused(
    qr_jobs: QrJobs, nodes: dict[str, Any], query: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidJob, match=reason):
        qr_jobs.create(**nodes, **query)


@pytest.mark.parametrize("node", ["remote_node", "store_node"])
def test_a_node_that_does_not_exist_is_refused(qr_jobs: QrJobs, nodes: dict[str, Any], node: str) -> None:
    with pytest.raises(InvalidJob, match=f"there is no {node.replace('_', ' ')} 99"):
        qr_jobs.create(**(nodes | {f"{node}_id": 99}), study_instance_uid=STUDY)
