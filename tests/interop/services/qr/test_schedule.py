"""A schedule from its hour to the objects: two workers as they run, and an archive of the distribution."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.database.models.qr import QrJobState
from tests.helpers.qr.schedules import add_schedule, jobs_of, schedule_of
from tests.helpers.qr.small_studies import small_study, uid_of
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.measure.store_node import wait_until
from tools.peers.real_pacs import Dcmqrscp, Storescp

pytestmark = pytest.mark.interop


def test_what_is_due_is_retrieved_once_by_whichever_worker(qr_jobs: QrJobs, services: Services, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    last_night = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday, before = (small_study(study_date=(last_night - timedelta(days=days)).date()) for days in (1, 2))
    with (
        Storescp(folder=tmp_path / "destination") as destination,
        Dcmqrscp(folder=tmp_path / "pacs", destinations={destination.ae_title: destination.port}) as pacs,
    ):
        assert isinstance(destination, Storescp)
        pacs.store([*yesterday, *before])
        schedule_id = add_schedule(
            qr_jobs,
            remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title),
            store_node_id=qr_jobs.store_node(port=destination.port, ae_title=destination.ae_title),
            cron="0 0 * * *",
            next_run_at=last_night,
        )
        for _ in range(2):
            services.start("qr", qr_schedule_seconds="0.2")
        wait_until(lambda: bool(jobs_of(qr_jobs, schedule_id)), what="the schedule begins a job")
        job = qr_jobs.wait_until_over(jobs_of(qr_jobs, schedule_id)[0].id)
        assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "1 study retrieved")
        assert destination.study_instance_uids() == [uid_of(yesterday)]
    assert len(jobs_of(qr_jobs, schedule_id)) == 1
    schedule = schedule_of(qr_jobs, schedule_id)
    assert schedule.next_run_at == last_night + timedelta(days=1)
    assert schedule.last_outcome == f"job begun for {job.date_from}"
