"""From a query/retrieve job to dose in the database: a real PACS, and all the services that are in between."""

import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from shared.database.engine import make_engine, make_sessions
from shared.database.models import ObjectState, ReceivedObject, StoreNode, StoreNodeState
from shared.database.models.qr import QrJobState
from shared.database.models.study import Study as StoredStudy
from tests.helpers.services import Services
from tools.dose_objects import Study, ct_report, fluoroscopy_report
from tools.measure.qr_jobs import QrJobs
from tools.peers.real_pacs import Dcmqrscp, Orthanc
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 14)
REPORTS = 6


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("retrieve_by", ["move", "get"])
@pytest.mark.parametrize("make_pacs", [Dcmqrscp, Orthanc])
def test_a_job_brings_dose_into_the_database(  # noqa: PLR0917 (pytest gives them by name)
    engine: Engine,
    amqp_url: str,
    services: Services,
    tmp_path: Path,
    make_pacs: type[Dcmqrscp | Orthanc],
    retrieve_by: str,
) -> None:
    qr_jobs = QrJobs(engine=engine, amqp_url=amqp_url)
    port = free_port()
    store_node_id = qr_jobs.store_node(port=port, managed=True)
    for service in ("store_scp", "importer", "qr"):
        services.start(service)
    wait_until_alive(engine, store_node_id)
    studies = [Study(seed=seed, started_at=datetime(2026, 3, 14, 8, seed)) for seed in range(REPORTS)]  # noqa: DTZ001
    reports = [(ct_report if study.seed % 2 else fluoroscopy_report)(study=study) for study in studies]

    with make_pacs(folder=tmp_path / "pacs", destinations={"DOSEWIRE": port} if retrieve_by == "move" else {}) as pacs:
        pacs.store(reports)
        job_id = qr_jobs.create(
            remote_node_id=qr_jobs.remote_node(
                port=pacs.port, ae_title=pacs.ae_title, settings={"retrieve_by": retrieve_by}
            ),
            store_node_id=store_node_id,
            date_from=DAY,
            date_until=DAY,
        )
        job = qr_jobs.wait_until_over(job_id)

    assert (job.state, job.state_detail) == (QrJobState.COMPLETE, f"{REPORTS} studies retrieved")
    stored = wait_for_studies(engine)
    assert sorted(study.study_instance_uid for study in stored) == sorted(study.study_uid for study in studies)
    with make_sessions(engine)() as session:
        received = session.scalars(select(ReceivedObject)).all()
    assert [row.state for row in received] == [ObjectState.IMPORTED] * REPORTS
    assert {row.called_ae_title for row in received} == {"DOSEWIRE"}
    assert {row.calling_ae_title for row in received} == {pacs.ae_title}


def wait_until_alive(engine: Engine, store_node_id: int) -> None:
    deadline = time.monotonic() + 30
    with make_sessions(engine)() as session:
        while session.get_one(StoreNode, store_node_id).state is not StoreNodeState.ALIVE:
            assert time.monotonic() < deadline, session.get_one(StoreNode, store_node_id).state_detail
            time.sleep(0.2)
            session.expire_all()
            session.rollback()


def wait_for_studies(engine: Engine) -> list[StoredStudy]:
    deadline = time.monotonic() + 30
    while True:
        with make_sessions(engine)() as session:
            stored = list(session.scalars(select(StoredStudy)))
        if len(stored) == REPORTS:
            return stored
        assert time.monotonic() < deadline, f"{len(stored)} of {REPORTS} studies are in the database"
        time.sleep(0.2)
