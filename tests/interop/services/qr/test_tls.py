"""A whole job over TLS, through the qr service as it runs; a node whose TLS is wrong ends the job with what to do."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shared.database.models.qr import QrJob, QrJobState
from shared.jobs.options import JobOptions, ModalityClass
from tests.helpers.services import Services
from tools.measure.qr_jobs import QrJobs
from tools.pacs.archive import Archive
from tools.pacs.quirks import PROFILES
from tools.pacs.server import SimulatedPacs
from tools.peers.certificates import Authority, server_context
from tools.peers.real_pacs import Storescp

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)
STUDIES = 3


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "hospital")


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path / "destination")
    with server:
        yield server


def test_a_job_over_tls(authority: Authority, destination: Storescp, qr_jobs: QrJobs, services: Services) -> None:
    ours = authority.sign("dosewire", usage="clientAuth")
    context = server_context(authority.sign("pacs", hosts="DNS:pacs.example.org"), clients_of=authority.certificate)
    services.start("qr", tls_certificate=ours.certificate, tls_key=ours.key, tls_remote_ca=authority.certificate)
    with SimulatedPacs(
        archive=Archive(count=STUDIES, first_day=DAY, kinds=("ct",)),
        quirks=PROFILES["well-behaved"],
        destinations={destination.ae_title: ("127.0.0.1", destination.port)},
        tls=context,
    ) as pacs:

        def run(**settings: object) -> QrJob:
            job_id = qr_jobs.create(
                remote_node_id=qr_jobs.remote_node(port=pacs.port, ae_title="SIMPACS", settings=settings),
                store_node_id=qr_jobs.store_node(port=destination.port, ae_title=destination.ae_title),
                date_from=DAY,
                date_until=DAY,
                options=JobOptions(modalities=(ModalityClass.CT,)),
            )
            return qr_jobs.wait(job_id, lambda job: bool(job.state_detail) or not job.state.is_open)

        wrong_name = run(tls=True)
        assert wrong_name.state is QrJobState.FAILED
        assert "shows a certificate that is not for 127.0.0.1: set tls_name" in wrong_name.state_detail
        plain = run()
        assert plain.state is QrJobState.QUERYING
        assert "closes the connection without a word: is it a DICOM port, and one without TLS?" in plain.state_detail

        job = run(tls=True, tls_name="pacs.example.org")

        assert (job.state, job.state_detail) == (QrJobState.COMPLETE, f"{STUDIES} studies retrieved")
        assert len(destination.study_instance_uids()) == STUDIES
        assert run(tls=True, tls_check_name=False).state is QrJobState.COMPLETE
