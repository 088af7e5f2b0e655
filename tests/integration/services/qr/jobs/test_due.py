"""The SQL of the times at which steps are due."""

from datetime import date
from uuid import UUID

import pytest

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.due import DueSteps
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.status import Counts
from shared.database.models.qr import QrJob, QrJobState, QrStudyState
from shared.jobs.control import cancel_job
from shared.messages import QrStep
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
LEASE = 100.0


def test_a_step_is_overdue_when_its_lease_and_the_grace_are_over(
    qr_jobs: QrJobs, jobs: Jobs, due_steps: DueSteps, job_id: UUID
) -> None:
    def overdue() -> list[QrStep]:
        return due_steps.overdue(grace=50, limit=10)

    assert overdue() == []
    qr_jobs.let_pass(60)
    assert overdue() == [QrStep(job_id=job_id)]
    jobs.begin_query(job_id, lease=LEASE)
    qr_jobs.let_pass(60)
    assert overdue() == []
    qr_jobs.let_pass(100)
    assert overdue() == [QrStep(job_id=job_id)]
    due_steps.published_again(QrStep(job_id=job_id))
    assert overdue() == []


def test_an_overdue_study_is_published_and_its_job_is_not(
    qr_jobs: QrJobs, studies: Studies, due_steps: DueSteps, retrieving: QrJob
) -> None:
    first, second = retrieving.studies
    studies.end(first, state=QrStudyState.RETRIEVED, reason="sent")
    qr_jobs.let_pass(200)
    step = QrStep(job_id=retrieving.id, study_id=second.id)
    assert due_steps.overdue(grace=50, limit=10) == [step]
    due_steps.published_again(step)
    assert due_steps.overdue(grace=50, limit=10) == []
    qr_jobs.let_pass(60)
    studies.postpone(second, failure="away", reason="away", counts=Counts(), delay=1800)
    qr_jobs.let_pass(1000)
    assert due_steps.overdue(grace=50, limit=10) == []


def test_a_job_without_open_studies_that_has_not_ended_is_overdue(
    qr_jobs: QrJobs, jobs: Jobs, due_steps: DueSteps, job_id: UUID
) -> None:
    jobs.begin_query(job_id, lease=0)
    jobs.begin_retrieving(job_id, lease=0)
    qr_jobs.let_pass(60)
    assert due_steps.overdue(grace=50, limit=10) == [QrStep(job_id=job_id)]
    assert jobs.end_if_over(job_id) == JobEnd(QrJobState.COMPLETE, "PACS 0 has no studies of 2026-03-10")
    assert due_steps.overdue(grace=50, limit=10) == []


def test_a_cancelled_job_is_never_overdue(
    qr_jobs: QrJobs, studies: Studies, due_steps: DueSteps, retrieving: QrJob
) -> None:
    studies.begin(retrieving.studies[0].id, lease=LEASE)
    cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    qr_jobs.let_pass(10_000)
    assert due_steps.overdue(grace=50, limit=10) == []
