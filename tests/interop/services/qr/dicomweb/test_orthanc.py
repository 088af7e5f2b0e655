"""From a job over DICOM web services to dose in the database: Orthanc, and all the services that are in between."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database.models import ObjectState, ReceivedObject, RemoteNode
from shared.database.models.qr import QrJobState, QrStudyState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.qr.orthanc_web import PASSWORD, PLUGIN, USER, OrthancWeb
from tests.helpers.qr.small_studies import small_study
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report, fluoroscopy_report
from tools.measure.qr_jobs import QrJobs
from tools.stack.ports import free_port

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not PLUGIN.exists(), reason="needs Orthanc's plugin for DICOMweb: package orthanc-dicomweb"),
]

DAY = date(2026, 3, 14)


def test_a_job_brings_dose_into_the_database(qr_jobs: QrJobs, services: Services, tmp_path: Path) -> None:
    port = free_port()
    store_node_id = qr_jobs.store_node(port=port, managed=True)
    for service in ("store_scp", "importer", "qr"):
        services.start(service)
    reports = [
        ct_report(study=Study(seed=1, started_at=datetime(2026, 3, 14, 8, 1))),  # noqa: DTZ001
        fluoroscopy_report(study=Study(seed=2, started_at=datetime(2026, 3, 14, 8, 2))),  # noqa: DTZ001
    ]
    [image] = small_study(study_date=DAY, modality="CT")
    image.StudyInstanceUID, image.PatientID = reports[0].StudyInstanceUID, reports[0].PatientID
    with OrthancWeb(folder=tmp_path / "pacs", web_port=free_port()) as pacs:
        pacs.store([*reports, image, *small_study(study_date=DAY)])
        assert isinstance(pacs, OrthancWeb)
        remote_node_id = qr_jobs.remote_node(
            port=pacs.port, ae_title=pacs.ae_title, settings={"dicomweb": {"url": pacs.url}}
        )
        refused = qr_jobs.wait_until_over(
            qr_jobs.create(remote_node_id=remote_node_id, store_node_id=store_node_id, date_from=DAY, date_until=DAY)
        )
        assert (refused.state, "wants credentials (401)" in refused.state_detail) == (QrJobState.FAILED, True)
        with qr_jobs.sessions.begin() as session:
            credentials = {"user": USER, "password": PASSWORD}
            session.get_one(RemoteNode, remote_node_id).dicomweb_credentials = credentials
        job = qr_jobs.wait_until_over(
            qr_jobs.create(
                remote_node_id=remote_node_id,
                store_node_id=store_node_id,
                date_from=DAY,
                date_until=DAY,
                options=JobOptions(modalities=(ModalityClass.CT, ModalityClass.FL)),
            )
        )

    assert job.state is QrJobState.COMPLETE
    retrieved = [study for study in job.studies if study.state is QrStudyState.RETRIEVED]
    assert [study.reason for study in retrieved] == ["1 object received"]
    with qr_jobs.sessions() as session:
        [received] = session.scalars(select(ReceivedObject)).all()
        assert (received.state, received.sop_instance_uid) == (ObjectState.IMPORTED, reports[0].SOPInstanceUID)
        assert (received.calling_ae_title, received.called_ae_title) == (pacs.ae_title, "DOSEWIRE")
    assert PASSWORD not in "".join(path.read_text() for path in tmp_path.rglob("*.log"))
