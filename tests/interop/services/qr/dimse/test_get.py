"""C-GET and what becomes of it: archives that behave and that do not, store nodes that take and that do not."""

import os
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit
from pynetdicom import evt

from services.qr.dimse.archive import DimseArchive, open_dimse
from services.qr.forwarding.values import PassingOn
from services.qr.remote.archive import Limits, Retrieved
from services.qr.remote.errors import JobCancelled, NodeAway, NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from services.qr.remote.peer import Peer
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.status import Counts
from shared.dicom.destination import Destination
from tests.helpers.qr.scripted_store import Answer, ScriptedStore, drops, refuses, takes
from tests.helpers.qr.small_studies import small_study, uid_of
from tools.measure.store_node import RunningNode
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.server import SimulatedPacs
from tools.peers.real_pacs import Dcmqrscp, DicomServer, Orthanc, Storescp
from tools.stack.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

LIMITS = Limits(connect=2, acse=2, idle=2, total=6)
DAY = date(2026, 3, 10)
STUDY = Archive(count=1, first_day=DAY, kinds=("cr",))
"""Two CR images and a dose report."""
CR, RDSR = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.88.67"
LARGE = 16 * 2**20

Pacs = DicomServer | SimulatedPacs
Store = Storescp | ScriptedStore | RunningNode


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Storescp]:
    server = Storescp(folder=tmp_path / "store")
    with server:
        yield server


@pytest.fixture(params=[Dcmqrscp, Orthanc])
def pacs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DicomServer]:
    with request.param(folder=tmp_path / "pacs", destinations={}) as server:
        yield server


def simulated(quirks: Quirks | None = None) -> SimulatedPacs:
    return SimulatedPacs(archive=STUDY, quirks=quirks or Quirks(), destinations={})


def opened(
    pacs: Pacs,
    *,
    port: int,
    cancelled: Callable[[], bool] = lambda: False,
    limits: Limits = LIMITS,
    ae_title: str = "SIMPACS",
) -> AbstractContextManager[DimseArchive]:
    stop = threading.Event()
    to = Peer(name="store node Main", address=LOOPBACK, port=port, ae_title="DOSEWIRE", calling_ae_title="THEPACS")
    return open_dimse(
        peer=Peer(name="Archive", address=LOOPBACK, port=pacs.port, ae_title=ae_title, calling_ae_title="DW"),
        destination=Destination("Main", "DOSEWIRE", LOOPBACK, port),
        limits=limits,
        cancelled=cancelled,
        stop=stop,
        passing_on=PassingOn(to=to, limits=limits, stop=stop),
    )


class Attempt:
    """One retrieval, and the last counts that were told of it."""

    counts = Counts()

    def progress(self, counts: Counts) -> None:
        self.counts = counts

    def run(
        self, pacs: Pacs, store: Store, *, uid: str = "", cancelled: Callable[[], bool] = lambda: False
    ) -> Retrieved:
        title = getattr(pacs, "ae_title", "SIMPACS")
        with opened(pacs, port=store.port, cancelled=cancelled, ae_title=title) as archive:
            return archive.retrieve(retrieve_keys(uid or STUDY.study(0).uid), progress=self.progress)


def test_a_study_comes_and_is_passed_on(pacs: DicomServer, store: Storescp) -> None:
    study = small_study(study_date=DAY, instances=3)
    pacs.store(study)
    attempt = Attempt()
    assert attempt.run(pacs, store, uid=uid_of(study)) == Retrieved("3 objects sent")
    assert Counter(store.study_instance_uids()) == {uid_of(study): 3}
    assert (attempt.counts.completed, attempt.counts.failed) == (3, 0)


def test_a_compressed_image_comes_as_it_is(
    tmp_path: Path, data_dir: Path, store: Storescp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (image,) = small_study(study_date=DAY)
    image.file_meta = Dataset()  # type: ignore[assignment]
    image.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    image.PixelData = encapsulate([bytes(range(200))])
    image["PixelData"].is_undefined_length = True
    folder = tmp_path / "compressed"
    folder.mkdir()
    image.save_as(folder / "image.dcm", enforce_file_format=True)
    monkeypatch.setenv("DOSEWIRE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("DOSEWIRE_DICOM_BIND", LOOPBACK)
    with (
        Orthanc(folder=tmp_path / "pacs", destinations={}) as pacs,
        RunningNode(port=free_port(), data_dir=data_dir) as ours,
    ):
        pacs.send(folder)
        assert Attempt().run(pacs, ours, uid=uid_of([image])) == Retrieved("1 object sent")
        (received,) = ours.stored()
        # A third party that takes no compressed images says so.
        with pytest.raises(StudyRefused, match="does not take Computed Radiography Image Storage in JPEG Baseline"):
            Attempt().run(pacs, store, uid=uid_of([image]))
    came = dcmread(received)
    assert came.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert came.PixelData == image.PixelData


def test_no_object_is_ever_in_memory_as_a_whole(tmp_path: Path, store: Storescp) -> None:
    (image,) = small_study(study_date=DAY)
    image.Rows = image.Columns = 2896
    image.PixelData = os.urandom(2 * 2896 * 2896)
    size, uid = len(image.PixelData), uid_of([image])
    with Dcmqrscp(folder=tmp_path / "pacs", destinations={}) as pacs:
        pacs.store([image])
        pixels = image.PixelData
        tracemalloc.start()
        try:
            Attempt().run(pacs, store, uid=uid)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size > LARGE - 2**20
    assert peak < size / 4
    (received,) = store.received.iterdir()
    assert dcmread(received).PixelData == pixels


@pytest.mark.parametrize(
    ("quirks", "error", "words", "arrived"),
    [
        (Quirks(some_fail=1), NodeTrouble, "could not send 1 of 3 objects", 2),
        (Quirks(drops_in_move=1), NodeAway, "dropped the association before it was done", 1),
        (Quirks(hangs_in_retrieval=1), NodeAway, "Archive .* was silent for 2 seconds", 1),
        (Quirks(pending_for_ever=True), NodeAway, "was not done after 6 seconds", 0),
        (Quirks(sends_nothing=True), StudyRefused, "reports success, but has sent no object", 0),
    ],
)
def test_an_archive_that_misbehaves(quirks: Quirks, error: type[RemoteError], words: str, arrived: int) -> None:
    attempt = Attempt()
    with simulated(quirks) as pacs, ScriptedStore(sop_classes=(CR, RDSR)) as store:
        with pytest.raises(error, match=words):
            attempt.run(pacs, store)
        assert len(store.received) == arrived
        assert (attempt.counts.completed or 0) == arrived


def test_an_archive_that_counts_nothing_is_counted_for() -> None:
    attempt = Attempt()
    with simulated(Quirks(no_final_counters=True)) as pacs, ScriptedStore(sop_classes=(CR, RDSR)) as store:
        retrieved = attempt.run(pacs, store)
    assert retrieved == Retrieved("3 objects sent", note="its final response to C-GET has no counts")
    assert attempt.counts.completed == 3


def test_an_archive_without_c_get() -> None:
    with (
        SimulatedPacs() as pacs,
        ScriptedStore() as store,
        pytest.raises(NodeRefuses, match="does not offer Study Root"),
    ):
        Attempt().run(pacs, store)


def test_a_cancelled_job_cancels_the_operation() -> None:
    began = time.monotonic()
    with simulated(Quirks(delay_seconds=0.7)) as pacs, ScriptedStore(sop_classes=(CR, RDSR)) as store:
        with pytest.raises(JobCancelled):
            Attempt().run(pacs, store, cancelled=lambda: bool(store.received))
        assert len(store.received) < 3
    assert time.monotonic() - began < 5


def test_the_remote_node_is_who_calls_the_store_node() -> None:
    with simulated() as pacs, ScriptedStore(sop_classes=(CR, RDSR)) as store:
        Attempt().run(pacs, store)
        assert store.calling_ae_titles == ["THEPACS"]


@pytest.mark.parametrize(
    ("answer", "sop_classes", "error", "words"),
    [
        (
            refuses(0xA700, "disk full\x07"),
            (CR, RDSR),
            NodeTrouble,
            r"3 of 3 objects of Archive .* were not taken: store node Main .* status A700 \(out of .*\): disk full\?$",
        ),
        (refuses(0xC123), (CR, RDSR), NodeTrouble, r"C123 \(cannot be understood\)$"),
        (refuses(0xA900), (CR, RDSR), StudyRefused, r"A900 \(the data set does not match the SOP class\)$"),
        (drops, (CR, RDSR), NodeTrouble, "3 of 3 .* store node Main .* dropped the association"),
        (
            takes,
            (RDSR,),
            StudyRefused,
            "2 of 3 .* does not take Computed Radiography Image Storage in Explicit VR Little Endian$",
        ),
        (takes, ("1.2.3",), NodeRefuses, "store node Main .* accepts none of the services"),
    ],
)
def test_a_store_node_that_does_not_take_it(
    answer: Answer, sop_classes: tuple[str, ...], error: type[RemoteError], words: str
) -> None:
    with (
        simulated() as pacs,
        ScriptedStore(answer=answer, sop_classes=sop_classes) as store,
        pytest.raises(error, match=words),
    ):
        Attempt().run(pacs, store)


def test_a_warning_of_the_store_node_is_none_of_a_failure() -> None:
    attempt = Attempt()
    with simulated() as pacs, ScriptedStore(answer=refuses(0xB007), sop_classes=(CR, RDSR)) as store:
        assert attempt.run(pacs, store).said == "3 objects sent"
    assert (attempt.counts.completed, attempt.counts.warning, attempt.counts.failed) == (0, 3, 0)


def test_a_store_node_that_never_answers_is_the_one_to_blame() -> None:
    over = threading.Event()

    def waits(_: evt.Event) -> int:
        over.wait(30)
        return 0

    hanging = ScriptedStore(answer=waits, sop_classes=(CR, RDSR), over=over)
    with simulated() as pacs, hanging, pytest.raises(NodeTrouble, match=r"store node Main .* was silent for 2 seconds"):
        Attempt().run(pacs, hanging)


def test_a_store_node_that_is_not_there_is_known_before_anything_is_asked_for() -> None:
    with simulated() as pacs, opened(pacs, port=free_port()) as archive:
        with pytest.raises(NodeAway, match=r"store node Main .* cannot be reached: nothing listens on"):
            archive.retrieve(retrieve_keys(STUDY.study(0).uid), progress=lambda _: None)
        assert not pacs.counts["C_GET STUDY"]


def test_a_store_node_that_does_not_let_the_archive_call() -> None:
    with (
        simulated() as pacs,
        ScriptedStore(require_calling=["OTHER"]) as store,
        pytest.raises(NodeRefuses, match=r"store node Main .* does not let THEPACS call from here"),
    ):
        Attempt().run(pacs, store)


def test_several_retrievals_over_one_association() -> None:
    study = STUDY.study(0)
    with simulated(Quirks(some_fail=1)) as pacs, ScriptedStore(sop_classes=(CR, RDSR)) as store:
        with opened(pacs, port=store.port) as archive:
            with pytest.raises(NodeTrouble):
                archive.retrieve(retrieve_keys(study.uid, study.series_uid(0)), progress=lambda _: None)
            said = archive.retrieve(retrieve_keys(study.uid, study.series_uid(0)), progress=lambda _: None)
            again = archive.retrieve(
                retrieve_keys(study.uid, study.series_uid(0), f"{study.series_uid(0)}.2"), progress=lambda _: None
            )
        assert (said.said, again.said) == ("2 objects sent", "1 object sent")
        assert Counter(store.received) == {f"{study.series_uid(0)}.1": 1, f"{study.series_uid(0)}.2": 3}
        assert pacs.counts["associations at once"] == 1
