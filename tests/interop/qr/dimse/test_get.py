"""C-GET from PACSs of the distribution, passed on to a store node: what comes, and what is said where it does not."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest

from scripts.stack.ports import LOOPBACK
from services.qr.archive import Limits
from services.qr.dimse.archive import DimseArchive, PassingOn, open_dimse
from services.qr.dimse.association import Peer
from services.qr.retrieve import identifier
from shared.dicom.destination import Destination
from tests.helpers.pacs import Dcmqrscp, DicomServer, Orthanc, Storescp
from tests.helpers.small_studies import small_study, uid_of

pytestmark = pytest.mark.interop

LIMITS = Limits(connect=2, acse=2, idle=5, total=20)
DAY = date(2026, 3, 10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storescp]:
    with Storescp(folder=tmp_path / "store") as server:
        yield server


@pytest.fixture(params=[Dcmqrscp, Orthanc])
def pacs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DicomServer]:
    with request.param(folder=tmp_path / "pacs", destinations={}) as server:
        yield server


def opened(pacs: DicomServer, store: DicomServer) -> AbstractContextManager[DimseArchive]:
    stop = threading.Event()
    to = Peer(
        name="store node Main", address=LOOPBACK, port=store.port, ae_title=store.ae_title, calling_ae_title="PACS"
    )
    return open_dimse(
        peer=Peer(name="Archive", address=LOOPBACK, port=pacs.port, ae_title=pacs.ae_title, calling_ae_title="DW"),
        destination=Destination("Main", store.ae_title, LOOPBACK, store.port),
        limits=LIMITS,
        cancelled=lambda: False,
        stop=stop,
        passing_on=PassingOn(to=to, limits=LIMITS, stop=stop),
    )


def test_a_study_comes_and_is_passed_on(pacs: DicomServer, store: Storescp) -> None:
    study = small_study(study_date=DAY, instances=3)
    pacs.store(study)
    completed: list[int | None] = []
    with opened(pacs, store) as archive:
        said = archive.retrieve(identifier(uid_of(study)), progress=lambda counts: completed.append(counts.completed))
    assert said.said == "3 objects sent"
    assert Counter(store.study_instance_uids()) == {uid_of(study): 3}
    assert completed[-1] == 3
