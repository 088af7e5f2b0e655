"""Whole jobs over QIDO-RS and WADO-RS: the qr service as it runs, a simulated PACS, and DCMTK's storescp."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from shared.database.models.qr import QrJobState, QrStudyState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.web import SimulatedWebPacs, WebFaults
from tools.peers.real_pacs import Storescp

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path / "destination")
    with server:
        yield server


def begin(qr_jobs: QrJobs, pacs: SimulatedWebPacs, destination: Storescp, *, options: JobOptions | None = None) -> UUID:
    return qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(
            port=pacs.port, ae_title=pacs.ae_title, settings={"dicomweb": {"url": pacs.url}}
        ),
        store_node_id=qr_jobs.store_node(port=destination.port),
        date_from=DAY,
        date_until=DAY,
        options=options,
    )


def test_what_is_wanted_of_each_study_comes(destination: Storescp, qr_jobs: QrJobs, services: Services) -> None:
    archive = Archive(count=4, first_day=DAY, kinds=("ct", "mg", "fl", "us"))
    services.start("qr")
    options = JobOptions(modalities=(ModalityClass.CT, ModalityClass.MG))
    with SimulatedWebPacs(archive=archive) as pacs:
        job = qr_jobs.wait_until_over(begin(qr_jobs, pacs, destination, options=options))

    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "2 studies retrieved")
    assert sorted(destination.study_instance_uids()) == [archive.study(0).uid] + [archive.study(1).uid] * 2


def test_a_difficult_service_gives_everything_in_the_end(
    destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    archive = Archive(count=130, first_day=DAY, kinds=("us",) * 64 + ("ct",))
    quirks = Quirks(ignores_modalities_in_study=True, returns_no_modalities_in_study=True, duplicate_answers=True)
    faults = WebFaults(answers_first=(503,), retry_after="1", most_answers=100, truncated=1)
    services.start("qr")
    with SimulatedWebPacs(archive=archive, quirks=quirks, faults=faults) as pacs:
        job = qr_jobs.wait_until_over(
            begin(qr_jobs, pacs, destination, options=JobOptions(modalities=(ModalityClass.CT,)))
        )

    assert job.state is QrJobState.COMPLETE
    assert len(job.studies) == archive.count
    assert set(destination.study_instance_uids()) == {archive.study(64).uid, archive.study(129).uid}
    reasons = [study.reason for study in job.studies if study.state is QrStudyState.RETRIEVED]
    assert sum("ends before its final boundary" in reason for reason in reasons) == 1
