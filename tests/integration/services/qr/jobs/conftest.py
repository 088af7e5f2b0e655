"""A job, and the same when its query has found two studies."""

from datetime import date
from uuid import UUID

import pytest

from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from shared.database.models.qr import QrJob
from tests.helpers.qr.found_studies import found
from tools.measure.qr_jobs import QrJobs

DAY = date(2026, 3, 10)
LEASE = 100.0


@pytest.fixture
def job_id(qr_jobs: QrJobs) -> UUID:
    return qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=104),
        store_node_id=qr_jobs.store_node(port=11112),
        date_from=DAY,
        date_until=DAY,
    )


@pytest.fixture
def retrieving(qr_jobs: QrJobs, jobs: Jobs, studies: Studies, job_id: UUID) -> QrJob:
    """A job whose query has found two studies."""
    jobs.begin_query(job_id, lease=LEASE)
    studies.add(job_id, [found(1), found(2)])
    jobs.begin_retrieving(job_id, lease=LEASE)
    return qr_jobs.get(job_id)
