"""The SQL of jobs: every change can come twice, and from two workers at once."""

import threading
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from services.qr.jobs.decisions import JobEnd
from services.qr.jobs.store import Jobs
from services.qr.remote.find import FoundStudy
from services.qr.remote.status import Counts
from shared.database.engine import make_engine, make_sessions
from shared.database.models.qr import QrJob, QrJobState, QrStudy, QrStudyState
from shared.errors import Unavailable
from shared.jobs.jobs import cancel_job
from shared.messages import QrStep
from tools.measure.qr_jobs import QrJobs

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 10)
LEASE = 100.0


def found(number: int) -> FoundStudy:
    return FoundStudy(
        study_instance_uid=f"1.2.{number}", study_date="20260310", modalities_in_study="CT\\SR", instances_in_study=9
    )


@pytest.fixture
def job_id(qr_jobs: QrJobs) -> UUID:
    return qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=104),
        store_node_id=qr_jobs.store_node(port=11112),
        date_from=DAY,
        date_until=DAY,
    )


@pytest.fixture
def retrieving(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> QrJob:
    """A job whose query has found two studies."""
    jobs.begin_query(job_id, lease=LEASE)
    jobs.add_studies(job_id, [found(1), found(2)])
    jobs.begin_retrieving(job_id, lease=LEASE)
    return qr_jobs.get(job_id)


def test_a_job_comes_with_its_nodes(jobs: Jobs, job_id: UUID) -> None:
    job = jobs.job(job_id)
    assert job is not None
    assert (job.remote_node.name, job.store_node.name) == ("PACS 0", "store 0")
    assert jobs.job(uuid4()) is None
    assert jobs.study(1) is None


def test_a_query_that_begins_again_keeps_what_it_found(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> None:
    assert jobs.begin_query(job_id, lease=LEASE)
    jobs.add_studies(job_id, [found(1), found(1), found(2)])
    assert jobs.begin_query(job_id, lease=LEASE)
    jobs.add_studies(job_id, [found(2), found(3)])
    jobs.add_studies(job_id, [])

    job = qr_jobs.get(job_id)
    assert job.state is QrJobState.QUERYING
    assert [study.study_instance_uid for study in job.studies] == ["1.2.1", "1.2.2", "1.2.3"]
    assert job.studies[0].modalities_in_study == "CT\\SR"
    assert job.studies[0].instances_in_study == 9


def test_a_query_that_is_over_does_not_begin_again(jobs: Jobs, retrieving: QrJob) -> None:
    assert not jobs.begin_query(retrieving.id, lease=LEASE)


def test_a_failed_query_counts_its_attempts(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> None:
    jobs.begin_query(job_id, lease=LEASE)
    jobs.postpone_query(job_id, detail="away", delay=5)
    jobs.begin_query(job_id, lease=LEASE)
    jobs.postpone_query(job_id, detail="still away", delay=30)
    job = qr_jobs.get(job_id)
    assert (job.attempts, job.state_detail) == (2, "still away")


def test_the_last_study_ends_its_job(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    first, second = retrieving.studies
    assert jobs.open_studies(retrieving.id) == [first.id, second.id]
    assert jobs.begin_study(first.id, lease=LEASE)
    jobs.progress(first.id, Counts(remaining=2, completed=1, failed=0, warning=0))
    assert (
        jobs.end_study(first, state=QrStudyState.RETRIEVED, reason="3 objects sent", counts=Counts(completed=3)) is None
    )
    assert not jobs.begin_study(first.id, lease=LEASE)

    end = jobs.end_study(second, state=QrStudyState.FAILED, reason="refused")

    assert end == JobEnd(QrJobState.PARTIAL, "1 of 2 studies retrieved, 1 failed; each says why")
    job = qr_jobs.get(retrieving.id)
    assert (job.state, job.state_detail) == (end.state, end.detail)
    assert job.finished_at is not None
    assert [(study.state, study.reason) for study in job.studies] == [
        (QrStudyState.RETRIEVED, "3 objects sent"),
        (QrStudyState.FAILED, "refused"),
    ]
    assert jobs.end_if_over(retrieving.id) is None


def test_what_is_over_stays_as_it_ended(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    study = retrieving.studies[0]
    jobs.end_study(study, state=QrStudyState.RETRIEVED, reason="sent")
    jobs.end_study(study, state=QrStudyState.FAILED, reason="a second message, much later")
    jobs.progress(study.id, Counts(completed=99))
    jobs.postpone_study(study, reason="late", counts=Counts(), delay=5)
    after = qr_jobs.get(retrieving.id).studies[0]
    assert (after.state, after.reason, after.completed, after.attempts) == (QrStudyState.RETRIEVED, "sent", None, 0)


def test_two_last_studies_that_end_at_once_end_the_job_once(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    ends: list[JobEnd | None] = []
    together = threading.Barrier(2)

    def end(study: QrStudy) -> None:
        together.wait()
        ends.append(jobs.end_study(study, state=QrStudyState.RETRIEVED, reason="sent"))

    threads = [threading.Thread(target=end, args=[study]) for study in retrieving.studies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends, key=bool) == [None, JobEnd(QrJobState.COMPLETE, "2 studies retrieved")]


def test_a_reason_for_all_studies_ends_the_job(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    assert jobs.fail(retrieving.id, detail="unknown destination") == JobEnd(QrJobState.FAILED, "unknown destination")
    job = qr_jobs.get(retrieving.id)
    assert {(study.state, study.reason) for study in job.studies} == {(QrStudyState.FAILED, "unknown destination")}
    assert jobs.fail(retrieving.id, detail="again") is None


def test_a_reason_for_all_studies_reaches_the_one_that_was_at_work_when_the_job_was_cancelled(
    qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob
) -> None:
    jobs.begin_study(retrieving.studies[0].id, lease=LEASE)
    cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    assert jobs.fail(retrieving.id, detail="unknown destination") is None
    job = qr_jobs.get(retrieving.id)
    assert job.state is QrJobState.CANCELLED
    assert [study.state for study in job.studies] == [QrStudyState.FAILED, QrStudyState.CANCELLED]


def test_what_has_come_before_makes_a_failed_job_partial(jobs: Jobs, retrieving: QrJob) -> None:
    jobs.end_study(retrieving.studies[0], state=QrStudyState.RETRIEVED, reason="sent")
    assert jobs.fail(retrieving.id, detail="unknown destination") == JobEnd(QrJobState.PARTIAL, "unknown destination")


def test_a_cancelled_job_stays_cancelled(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    first, second = retrieving.studies
    jobs.begin_study(first.id, lease=LEASE)
    assert cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    assert not jobs.is_open(retrieving.id)
    assert not jobs.begin_study(second.id, lease=LEASE)
    jobs.end_study(first, state=QrStudyState.CANCELLED, reason="cancelled while it was being retrieved")
    jobs.fail(retrieving.id, detail="too late")
    jobs.add_studies(retrieving.id, [found(3)])
    job = qr_jobs.get(retrieving.id)
    assert (job.state, job.state_detail) == (QrJobState.CANCELLED, "cancelled by a person")
    assert {study.state for study in job.studies} == {QrStudyState.CANCELLED}


def test_a_step_is_overdue_when_its_lease_and_the_grace_are_over(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> None:
    def overdue() -> list[QrStep]:
        return jobs.overdue(grace=50, limit=10)

    assert overdue() == []
    qr_jobs.let_pass(60)
    assert overdue() == [QrStep(job_id=job_id)]
    jobs.begin_query(job_id, lease=LEASE)
    qr_jobs.let_pass(60)
    assert overdue() == []
    qr_jobs.let_pass(100)
    assert overdue() == [QrStep(job_id=job_id)]
    jobs.published_again(QrStep(job_id=job_id))
    assert overdue() == []


def test_an_overdue_study_is_published_and_its_job_is_not(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    first, second = retrieving.studies
    jobs.end_study(first, state=QrStudyState.RETRIEVED, reason="sent")
    qr_jobs.let_pass(200)
    step = QrStep(job_id=retrieving.id, study_id=second.id)
    assert jobs.overdue(grace=50, limit=10) == [step]
    jobs.published_again(step)
    assert jobs.overdue(grace=50, limit=10) == []
    qr_jobs.let_pass(60)
    jobs.postpone_study(second, reason="away", counts=Counts(), delay=1800)
    qr_jobs.let_pass(1000)
    assert jobs.overdue(grace=50, limit=10) == []


def test_a_job_without_open_studies_that_has_not_ended_is_overdue(qr_jobs: QrJobs, jobs: Jobs, job_id: UUID) -> None:
    jobs.begin_query(job_id, lease=0)
    jobs.begin_retrieving(job_id, lease=0)
    qr_jobs.let_pass(60)
    assert jobs.overdue(grace=50, limit=10) == [QrStep(job_id=job_id)]
    assert jobs.end_if_over(job_id) == JobEnd(QrJobState.COMPLETE, "PACS 0 has no studies of 2026-03-10")
    assert jobs.overdue(grace=50, limit=10) == []


def test_a_cancelled_job_is_never_overdue(qr_jobs: QrJobs, jobs: Jobs, retrieving: QrJob) -> None:
    jobs.begin_study(retrieving.studies[0].id, lease=LEASE)
    cancel_job(sessions=qr_jobs.sessions, job_id=retrieving.id)
    qr_jobs.let_pass(10_000)
    assert jobs.overdue(grace=50, limit=10) == []


def test_a_database_that_is_away_is_unavailable(free_port: int, engine: Engine) -> None:
    away = make_engine(database_url=f"postgresql+psycopg2://nobody@127.0.0.1:{free_port}/none", name="test")
    with pytest.raises(Unavailable, match="PostgreSQL is away"):
        Jobs(sessions=make_sessions(away)).job(uuid4())
    away.dispose()
