"""The control of jobs that there are."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from shared.database.engine import make_engine
from shared.database.models.qr import QrJobState
from shared.jobs.control import cancel_job, retrieve_job, retry_job
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

STUDY = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def qr_jobs(database_url: str, amqp_url: str) -> Iterator[QrJobs]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield QrJobs(engine=engine, amqp_url=amqp_url)
    engine.dispose()


@pytest.fixture
def nodes(qr_jobs: QrJobs) -> dict[str, Any]:
    return {"remote_node_id": qr_jobs.remote_node(port=104), "store_node_id": qr_jobs.store_node(port=11112)}


def test_a_job_is_cancelled_once(qr_jobs: QrJobs, nodes: dict[str, Any]) -> None:
    job_id = qr_jobs.create(**nodes, study_instance_uid=STUDY)
    assert cancel_job(sessions=qr_jobs.sessions, job_id=job_id)
    job = qr_jobs.get(job_id)
    assert (job.state, job.state_detail) == (QrJobState.CANCELLED, "cancelled by a person")
    assert job.finished_at is not None
    assert not cancel_job(sessions=qr_jobs.sessions, job_id=job_id)
    assert not cancel_job(sessions=qr_jobs.sessions, job_id=uuid4())


def test_a_job_without_a_review_has_nothing_to_retrieve(qr_jobs: QrJobs, nodes: dict[str, Any]) -> None:
    job_id = qr_jobs.create(**nodes, study_instance_uid=STUDY)
    assert not retrieve_job(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, job_id=job_id)


def test_a_job_that_has_not_failed_is_not_retried(qr_jobs: QrJobs, nodes: dict[str, Any]) -> None:
    job_id = qr_jobs.create(**nodes, study_instance_uid=STUDY)
    assert not retry_job(sessions=qr_jobs.sessions, amqp_url=qr_jobs.amqp_url, job_id=job_id)
