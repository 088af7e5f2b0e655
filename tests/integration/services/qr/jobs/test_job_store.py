"""The SQL of the states of jobs: every change can come twice."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from shared.database.engine import make_engine, make_sessions
from shared.database.models.qr import QrJob, QrJobState, QrStudyState
from shared.errors import Unavailable
from shared.jobs.control import cancel_job
from tests.helpers.qr.found_studies import found
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
LEASE = 100.0


def test_a_job_comes_with_its_nodes(jobs: Jobs, studies: Studies, job_id: UUID) -> None:
    job = jobs.job(job_id)
    assert job is not None
    assert (job.remote_node.name, job.store_node.name) == ("PACS 0", "store 0")
    assert jobs.job(uuid4()) is None
    assert studies.study(1) is None


def test_a_query_that_is_over_does_not_begin_again(jobs: Jobs, retrieving: QrJob) -> None:
    assert not jobs.begin_query(retrieving.id, lease=LEASE)


def test_a_failed_query_counts_its_attempts(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> None:
    jobs.begin_query(job_id, lease=LEASE)
    jobs.postpone_query(job_id, detail="away", delay=5)
    jobs.begin_query(job_id, lease=LEASE)
    jobs.postpone_query(job_id, detail="still away", delay=30)
    job = qr_jobs.get(job_id)
    assert (job.attempts, job.state_detail) == (2, "still away")


def test_a_reason_for_all_studies_ends_the_job(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    assert jobs.fail(retrieving.id, detail="unknown destination") == JobEnd(QrJobState.FAILED, "unknown destination")
    job = qr_jobs.get(retrieving.id)
    assert {(study.state, study.reason) for study in job.studies} == {(QrStudyState.FAILED, "unknown destination")}
    assert jobs.fail(retrieving.id, detail="again") is None


def test_a_reason_for_all_studies_reaches_the_one_that_was_at_work_when_the_job_was_cancelled(
    qr_jobs: QrJobs, jobs: Jobs, studies: Studies, retrieving: QrJob
) -> None:
    studies.begin(retrieving.studies[0].id, lease=LEASE)
    cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    assert jobs.fail(retrieving.id, detail="unknown destination") is None
    job = qr_jobs.get(retrieving.id)
    assert job.state is QrJobState.CANCELLED
    assert [study.state for study in job.studies] == [QrStudyState.FAILED, QrStudyState.CANCELLED]


def test_what_has_come_before_makes_a_failed_job_partial(jobs: Jobs, studies: Studies, retrieving: QrJob) -> None:
    studies.end(retrieving.studies[0], state=QrStudyState.RETRIEVED, reason="sent")
    assert jobs.fail(retrieving.id, detail="unknown destination") == JobEnd(QrJobState.PARTIAL, "unknown destination")


def test_a_cancelled_job_stays_cancelled(qr_jobs: QrJobs, jobs: Jobs, studies: Studies, retrieving: QrJob) -> None:
    first, second = retrieving.studies
    studies.begin(first.id, lease=LEASE)
    assert cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    assert not jobs.is_open(retrieving.id)
    assert not studies.begin(second.id, lease=LEASE)
    studies.end(first, state=QrStudyState.CANCELLED, reason="cancelled while it was being retrieved")
    jobs.fail(retrieving.id, detail="too late")
    studies.add(retrieving.id, [found(3)])
    job = qr_jobs.get(retrieving.id)
    assert (job.state, job.state_detail) == (QrJobState.CANCELLED, "cancelled by a person")
    assert {study.state for study in job.studies} == {QrStudyState.CANCELLED}


def test_a_database_that_is_away_is_unavailable(free_port: int, engine: Engine) -> None:
    away = make_engine(database_url=f"postgresql+psycopg2://nobody@127.0.0.1:{free_port}/none", name="test")
    with pytest.raises(Unavailable, match="PostgreSQL is away"):
        Jobs(sessions=make_sessions(away)).job(uuid4())
    away.dispose()
