"""Whole jobs against the PACSs of the distribution, with the qr service as it runs: a process of its own."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from pydicom import dcmread

from shared.database.models.qr import QrJobState, QrStudyState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.qr.small_studies import small_studies, small_study, uid_of
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report
from tools.measure.qr_jobs import QrJobs
from tools.peers.real_pacs import Dcmqrscp, DicomServer, Orthanc, Storescp

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path / "destination")
    with server:
        yield server


@pytest.fixture(params=[Dcmqrscp, Orthanc])
def pacs(request: pytest.FixtureRequest, tmp_path: Path, destination: Storescp) -> Iterator[DicomServer]:
    with request.param(folder=tmp_path / "pacs", destinations={destination.ae_title: destination.port}) as server:
        yield server


def test_a_range_of_days_retrieves_these_days_and_no_other(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    studies = small_studies(6, first_day=DAY, per_day=2)
    pacs.store(image for study in studies for image in study)
    services.start("qr")

    job = qr_jobs.run(pacs, destination, date_from=DAY, date_until=date(2026, 3, 11))

    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, "4 studies retrieved")
    assert sorted(destination.study_instance_uids()) == sorted(uid_of(study) for study in studies[:4])
    for study in job.studies:
        assert (study.state, study.completed, study.failed) == (QrStudyState.RETRIEVED, 1, 0)
        assert study.reason == "1 object sent"
        assert study.modalities_in_study == ("CR" if pacs.returns_modalities_in_study else None)


def test_one_study_by_its_uid(pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services) -> None:
    wanted, other = small_study(study_date=DAY, instances=5), small_study(study_date=DAY)
    pacs.store([*wanted, *other])
    services.start("qr")

    job = qr_jobs.run(pacs, destination, study_instance_uid=uid_of(wanted))

    assert job.state is QrJobState.COMPLETE
    assert Counter(destination.study_instance_uids()) == {uid_of(wanted): 5}
    assert [(study.completed, study.remaining) for study in job.studies] in ([(5, None)], [(5, 0)])


def test_a_destination_that_the_pacs_does_not_know(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    pacs.store(small_study(study_date=DAY))
    services.start("qr")
    job_id = qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title=pacs.ae_title),
        store_node_id=qr_jobs.store_node(port=destination.port, ae_title="NOBODY"),
        date_from=DAY,
        date_until=DAY,
    )

    job = qr_jobs.wait(job_id, lambda job: bool(job.state_detail) or not job.state.is_open)

    assert f"AE title NOBODY, 127.0.0.1, port {destination.port}" in job.state_detail
    assert ("C000" if isinstance(pacs, Orthanc) else "does not know the move destination") in job.state_detail
    assert destination.study_instance_uids() == []


def test_a_called_ae_title_that_is_not_the_pacs(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    services.start("qr")
    job_id = qr_jobs.create(
        remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title="SOMEONE"),
        store_node_id=qr_jobs.store_node(port=destination.port),
        date_from=DAY,
        date_until=DAY,
    )

    job = qr_jobs.wait_until_over(job_id)

    assert job.state is QrJobState.FAILED
    assert job.state_detail == (
        f"PACS 0 (SOMEONE at 127.0.0.1:{pacs.port}) says that it is not SOMEONE: "
        "correct the AE title of the remote node"
    )


def test_a_pacs_that_is_down_is_waited_for(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    study = small_study(study_date=DAY)
    pacs.store(study)
    pacs.kill()
    services.start("qr")
    job_id = qr_jobs.begin(pacs, destination, date_from=DAY, date_until=DAY)
    job = qr_jobs.wait(job_id, lambda job: bool(job.state_detail))
    assert "is the port right?; attempt 1 of 8, again in 5 seconds" in job.state_detail

    pacs.start()

    assert qr_jobs.wait_until_over(job_id).state is QrJobState.COMPLETE
    assert destination.study_instance_uids() == [uid_of(study)]


def test_a_job_for_ct_brings_the_dose_report_and_leaves_the_images(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    study = Study(seed=3, started_at=datetime(2026, 3, 10, 8))  # noqa: DTZ001
    images = small_study(study_date=DAY, modality="CT", instances=3)
    for image in images:
        image.StudyInstanceUID = study.study_uid
    pacs.store([*images, ct_report(study=study), *small_study(study_date=DAY, modality="US")])
    services.start("qr")

    job = qr_jobs.run(
        pacs, destination, date_from=DAY, date_until=DAY, options=JobOptions(modalities=(ModalityClass.CT,))
    )

    assert job.state is QrJobState.COMPLETE
    assert job.state_detail.startswith("1 study retrieved"), job.state_detail
    # dcmqrscp tells no SOP classes: what the report is shows only where we receive it ourselves.
    knows = isinstance(pacs, Orthanc)
    assert destination.study_instance_uids() == [study.study_uid] * (1 if knows else 4)
    ct = next(one for one in job.studies if one.study_instance_uid == study.study_uid)
    assert ("kept RDSR series 990" if knows else "the node tells no SOP Class UID") in ct.explanation
    assert [(one.modality, one.wanted) for one in sorted(ct.series, key=lambda one: one.modality or "")] == [
        ("CT", not knows),
        ("SR", True),
    ]


def test_of_pet_only_the_first_image_of_each_series_comes(
    pacs: DicomServer, destination: Storescp, qr_jobs: QrJobs, services: Services
) -> None:
    images = small_study(study_date=DAY, modality="PT", instances=4)
    for image in images:
        image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128"
    pacs.store(images)
    services.start("qr")

    job = qr_jobs.run(
        pacs, destination, date_from=DAY, date_until=DAY, options=JobOptions(modalities=(ModalityClass.NM,))
    )

    assert (job.state, [study.completed for study in job.studies]) == (QrJobState.COMPLETE, [1])
    (received,) = destination.received.iterdir()
    assert dcmread(received).SOPInstanceUID == images[0].SOPInstanceUID
