"""The SQL of the states of studies: every change can come twice, and from two workers at once."""

import threading
from datetime import date
from uuid import UUID

import pytest

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.job_store import Jobs
from services.qr.jobs.study_store import Studies
from services.qr.remote.status import Counts
from shared.database.models.qr import QrJob, QrJobState, QrStudy, QrStudyState
from tests.helpers.qr.found_studies import found
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
LEASE = 100.0


def test_a_query_that_begins_again_keeps_what_it_found(
    qr_jobs: QrJobs, jobs: Jobs, studies: Studies, job_id: UUID
) -> None:
    assert jobs.begin_query(job_id, lease=LEASE)
    studies.add(job_id, [found(1), found(1), found(2)])
    assert jobs.begin_query(job_id, lease=LEASE)
    studies.add(job_id, [found(2), found(3)])
    studies.add(job_id, [])

    job = qr_jobs.get(job_id)
    assert job.state is QrJobState.QUERYING
    assert [study.study_instance_uid for study in job.studies] == ["1.2.1", "1.2.2", "1.2.3"]
    assert job.studies[0].modalities_in_study == "CT\\SR"
    assert job.studies[0].instances_in_study == 9


def test_the_last_study_ends_its_job(qr_jobs: QrJobs, jobs: Jobs, studies: Studies, retrieving: QrJob) -> None:
    first, second = retrieving.studies
    assert studies.with_a_step(retrieving.id) == [first.id, second.id]
    assert studies.begin(first.id, lease=LEASE)
    studies.progress(first.id, Counts(remaining=2, completed=1, failed=0, warning=0))
    assert studies.end(first, state=QrStudyState.RETRIEVED, reason="3 objects sent", counts=Counts(completed=3)) is None
    assert not studies.begin(first.id, lease=LEASE)

    end = studies.end(second, state=QrStudyState.FAILED, reason="refused")

    assert end == JobEnd(QrJobState.PARTIAL, "1 of 2 studies retrieved, 1 failed; each says why")
    job = qr_jobs.get(retrieving.id)
    assert (job.state, job.state_detail) == (end.state, end.detail)
    assert job.finished_at is not None
    assert [(study.state, study.reason) for study in job.studies] == [
        (QrStudyState.RETRIEVED, "3 objects sent"),
        (QrStudyState.FAILED, "refused"),
    ]
    assert jobs.end_if_over(retrieving.id) is None


def test_what_is_over_stays_as_it_ended(qr_jobs: QrJobs, studies: Studies, retrieving: QrJob) -> None:
    study = retrieving.studies[0]
    studies.end(study, state=QrStudyState.RETRIEVED, reason="sent")
    studies.end(study, state=QrStudyState.FAILED, reason="a second message, much later")
    studies.progress(study.id, Counts(completed=99))
    studies.postpone(study, failure="late", reason="late", counts=Counts(), delay=5)
    after = qr_jobs.get(retrieving.id).studies[0]
    assert (after.state, after.reason, after.completed, after.attempts) == (QrStudyState.RETRIEVED, "sent", None, 0)


def test_two_last_studies_that_end_at_once_end_the_job_once(
    qr_jobs: QrJobs, studies: Studies, retrieving: QrJob
) -> None:
    ends: list[JobEnd | None] = []
    together = threading.Barrier(2)

    def end(study: QrStudy) -> None:
        together.wait()
        ends.append(studies.end(study, state=QrStudyState.RETRIEVED, reason="sent"))

    threads = [threading.Thread(target=end, args=[study]) for study in retrieving.studies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends, key=bool) == [None, JobEnd(QrJobState.COMPLETE, "2 studies retrieved")]


def test_a_failed_attempt_leaves_why_apart_from_what_people_read(
    qr_jobs: QrJobs, studies: Studies, retrieving: QrJob
) -> None:
    reason = "away; attempt 1 of 8, again in 5 seconds"
    studies.postpone(retrieving.studies[0], failure="away", reason=reason, counts=Counts(completed=2), delay=5)
    after = qr_jobs.get(retrieving.id)
    first = after.studies[0]
    assert (first.state, first.attempts, first.last_failure, first.reason) == (QrStudyState.FOUND, 1, "away", reason)
    assert after.state_detail == reason
