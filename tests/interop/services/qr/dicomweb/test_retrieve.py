"""WADO-RS from a simulated PACS into DCMTK's storescp: what arrives, and what is said of what does not."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from services.qr.forwarding.files import Forwarding
from services.qr.remote.errors import JobCancelled, NodeAway, NodeTrouble, RemoteError, StudyRefused
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.status import Counts
from tests.helpers.qr.web_archive import web_archive
from tools.pacs.archive import Archive, SimulatedStudy
from tools.pacs.objects import objects
from tools.pacs.web import SimulatedWebPacs, WebFaults, as_file
from tools.peers.real_pacs import Storescp
from tools.stack.ports import free_port

pytestmark = pytest.mark.interop

ARCHIVE = Archive(count=2, first_day=date(2026, 3, 10), kinds=("ct",))
STUDY = ARCHIVE.study(0)
OBJECTS = 10


@pytest.fixture(scope="module")
def destination(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path_factory.mktemp("destination"))
    with server:
        yield server


@pytest.fixture(autouse=True)
def _empty(destination: Storescp) -> None:
    for path in destination.received.iterdir():
        path.unlink()


def retrieve(
    pacs: SimulatedWebPacs, destination: Storescp, keys: Dataset | None = None, **options: object
) -> tuple[str | RemoteError, list[Counts]]:
    """Return what is said of a retrieval, and the progress of it."""
    progress: list[Counts] = []
    with web_archive(pacs.url, store_port=destination.port, **options) as archive:  # type: ignore[arg-type]
        try:
            said: str | RemoteError = archive.retrieve(keys or retrieve_keys(STUDY.uid), progress=progress.append).said
        except RemoteError as error:
            said = error
    return said, progress


def uids(destination: Storescp) -> list[str]:
    return sorted(str(dcmread(path).SOPInstanceUID) for path in destination.received.iterdir())


def uids_of(study: SimulatedStudy) -> list[str]:
    return sorted(uid for index in range(len(study.plan.series)) for uid, _ in study.instance_uids(index))


def values(data_set: Dataset) -> dict[int, object]:
    return {element.tag: element.value for element in data_set}


def test_a_study_comes_as_it_is_with_progress(destination: Storescp) -> None:
    with SimulatedWebPacs(archive=ARCHIVE) as pacs:
        said, progress = retrieve(pacs, destination)

    assert said == f"{OBJECTS} objects sent"
    assert [counts.completed for counts in progress] == [*range(1, OBJECTS + 1), OBJECTS]
    assert uids(destination) == uids_of(STUDY)
    sent = {str(one.SOPInstanceUID): one for one in objects(STUDY)}
    for path in destination.received.iterdir():
        received = dcmread(path)
        assert values(received) == values(sent[received.SOPInstanceUID])


def test_a_series_and_an_instance(destination: Storescp) -> None:
    series = STUDY.series_uid(1)
    with SimulatedWebPacs(archive=ARCHIVE) as pacs:
        assert retrieve(pacs, destination, retrieve_keys(STUDY.uid, series))[0] == "8 objects sent"
        assert retrieve(pacs, destination, retrieve_keys(STUDY.uid, STUDY.series_uid(0), f"{STUDY.series_uid(0)}.1"))[
            0
        ] == ("1 object sent")
    assert len(uids(destination)) == 9


def test_a_service_that_cannot_send_any_transfer_syntax(destination: Storescp) -> None:
    with SimulatedWebPacs(archive=ARCHIVE, faults=WebFaults(refuses_any_transfer_syntax=True)) as pacs:
        assert retrieve(pacs, destination)[0] == f"{OBJECTS} objects sent"


def test_a_study_that_is_not_there(destination: Storescp) -> None:
    with SimulatedWebPacs(archive=ARCHIVE) as pacs:
        said, _ = retrieve(pacs, destination, retrieve_keys("1.2.3"))
    assert type(said) is StudyRefused
    assert "does not have it (404)" in str(said)


@pytest.mark.parametrize(
    ("faults", "kind", "words", "arrived"),
    [
        (WebFaults(truncated=1), NodeTrouble, "ends before its final boundary", OBJECTS - 1),
        (WebFaults(partial=True), NodeTrouble, f"has sent {OBJECTS - 1} objects, and says that these are not all", 9),
        (WebFaults(another_object=True), NodeTrouble, "10 were not asked for", OBJECTS),
        (WebFaults(html=True), NodeTrouble, "does not send its objects as multipart/related", 0),
        (WebFaults(answers_first=(503,), retry_after="600"), NodeAway, "come again in 600 seconds", 0),
    ],
)
def test_what_came_of_an_incomplete_answer_stays(
    destination: Storescp, faults: WebFaults, kind: type[RemoteError], words: str, arrived: int
) -> None:
    with SimulatedWebPacs(archive=ARCHIVE, faults=faults) as pacs:
        said, _ = retrieve(pacs, destination)

    assert type(said) is kind
    assert words in str(said)
    assert len(uids(destination)) == arrived


def test_a_store_node_that_is_not_there() -> None:
    nobody = free_port()
    with (
        SimulatedWebPacs(archive=ARCHIVE) as pacs,
        web_archive(pacs.url, store_port=nobody) as archive,
        pytest.raises(NodeAway, match="store node"),
    ):
        archive.retrieve(retrieve_keys(STUDY.uid), progress=lambda _: None)


def test_a_cancelled_job_ends_within_seconds(destination: Storescp) -> None:
    cancelled = threading.Event()
    with (
        SimulatedWebPacs(archive=ARCHIVE, faults=WebFaults(trickles=True)) as pacs,
        web_archive(pacs.url, store_port=destination.port, cancelled=cancelled.is_set) as archive,
    ):
        threading.Timer(0.5, cancelled.set).start()
        begun = time.monotonic()
        with pytest.raises(JobCancelled):
            archive.retrieve(retrieve_keys(STUDY.uid), progress=lambda _: None)
        assert time.monotonic() - begun < 5


def test_what_cannot_be_read_does_not_keep_the_others_back(destination: Storescp, tmp_path: Path) -> None:
    file = tmp_path / "object.dcm"
    with web_archive("http://127.0.0.1:9", store_port=destination.port) as archive:
        passing_on, watchdog = archive._passing_on, archive._link.watchdog
        with Forwarding(keys=retrieve_keys(STUDY.uid), passing_on=passing_on, source=watchdog) as forwarding:
            for content in (b"", b"<html>", as_file(next(objects(STUDY)))):
                file.write_bytes(content)
                forwarding.take(file)
        failure = forwarding.failure(peer="The archive")

    assert (forwarding.counts.completed, forwarding.counts.failed) == (1, 2)
    assert isinstance(failure, NodeTrouble)
    assert str(failure) == "2 of 3 objects of The archive were not taken: 2 cannot be read as DICOM objects"
