"""The test of a remote node against real archives, and against peers that fail at each step."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydicom import dcmread

from services.qr.checks.steps.dimse import DIMSE_STEPS, Arrivals, take_dimse_steps
from services.qr.checks.steps.plan import DimseCheckPlan, limits_of_check
from services.qr.remote.peer import Peer
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.dicom.destination import Destination
from shared.jobs.checks import StepOutcome
from tests.helpers.qr.small_studies import small_study, uid_of
from tools.pacs.archive import Archive
from tools.pacs.quirks import PROFILES, Quirks
from tools.pacs.scripts import Script, ends, finds, silent
from tools.pacs.server import SimulatedPacs
from tools.peers.raw_peer import A_ASSOCIATE_AC_BEGUN, RawPeer
from tools.peers.real_pacs import Dcmqrscp, DicomServer, Orthanc, Storescp
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

TODAY = datetime.now(UTC).date()
ARCHIVES = (Dcmqrscp, Orthanc)


def plan_for(
    pacs: DicomServer | SimulatedPacs | RawPeer | SimulatedPacs,
    destination: Storescp | None = None,
    *,
    study: str | None = None,
    answers: float = 8.0,
) -> DimseCheckPlan:
    ae_title = getattr(pacs, "ae_title", "PACS")
    store = None
    if destination is not None:
        store = Destination("Main store", destination.ae_title, LOOPBACK, destination.port)
    return DimseCheckPlan(
        peer=Peer("PACS", LOOPBACK, pacs.port, ae_title, "DOSEWIRE"),
        destination=store,
        study_instance_uid=study,
        limits=limits_of_check(connect=1.0, acse=1.0, answers=answers),
        arrival_seconds=2.0,
        today=TODAY,
        stop=threading.Event(),
    )


def run(plan: DimseCheckPlan, *, arrivals: Arrivals | None = None) -> list[StepOutcome]:
    return list(take_dimse_steps(plan, arrivals=arrivals))


def verdicts(outcomes: list[StepOutcome]) -> dict[CheckStep, CheckVerdict]:
    assert [outcome.step for outcome in outcomes] == list(DIMSE_STEPS)
    return {outcome.step: outcome.verdict for outcome in outcomes}


def details(outcomes: list[StepOutcome]) -> dict[CheckStep, str]:
    return {outcome.step: outcome.detail for outcome in outcomes}


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Storescp]:
    with Storescp(folder=tmp_path / "destination") as server:
        assert isinstance(server, Storescp)
        yield server


def received(destination: Storescp, sop_instance_uid: str) -> dict[str, str]:
    """Return the files that hold an object, each time that one is written under a name of its own."""
    paths = [path for path in destination.received.iterdir() if dcmread(path).SOPInstanceUID == sop_instance_uid]
    return {f"{path.name} {path.stat().st_mtime_ns}": "in its folder" for path in paths}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_archive_passes_with_one_object(
    archive: type[Dcmqrscp | Orthanc], tmp_path: Path, destination: Storescp
) -> None:
    known = {destination.ae_title: destination.port}
    study, other = small_study(study_date=TODAY - timedelta(days=9), instances=3), small_study(study_date=TODAY)
    with archive(folder=tmp_path / "pacs", destinations=known) as pacs:
        nothing = run(plan_for(pacs, destination))
        assert verdicts(nothing)[CheckStep.FIND] is CheckVerdict.PASSED
        assert "no study of the last 30 days" in details(nothing)[CheckStep.FIND]
        assert verdicts(nothing)[CheckStep.MOVE] is CheckVerdict.UNCLEAR

        pacs.store([*study, *other])
        plan = plan_for(pacs, destination, study=uid_of(study))
        outcomes = run(plan, arrivals=lambda uid: received(destination, uid))
        assert set(verdicts(outcomes).values()) == {CheckVerdict.PASSED}, outcomes
        assert details(outcomes)[CheckStep.MOVE] == "has sent an object, and Main store has received it: in its folder"
        assert destination.study_instance_uids() == [uid_of(study)]

        run(plan_for(pacs, destination), arrivals=lambda uid: received(destination, uid))
        assert sorted(destination.study_instance_uids()) == sorted([uid_of(study), uid_of(other)])


@pytest.mark.parametrize("archive", ARCHIVES)
def test_a_destination_that_the_archive_does_not_know(
    archive: type[Dcmqrscp | Orthanc], tmp_path: Path, destination: Storescp
) -> None:
    with archive(folder=tmp_path / "pacs", destinations={}) as pacs:
        pacs.store(small_study(study_date=TODAY))
        outcomes = run(plan_for(pacs, destination))
        assert verdicts(outcomes)[CheckStep.MOVE] is CheckVerdict.FAILED
        assert f"AE title DOSEWIRE, 127.0.0.1, port {destination.port}" in details(outcomes)[CheckStep.MOVE]
        by_get = run(replace(plan_for(pacs, destination), by_get=True))
        assert verdicts(by_get)[CheckStep.MOVE] is CheckVerdict.SKIPPED
        assert "C-GET" in details(by_get)[CheckStep.MOVE]
        wrong = replace(plan_for(pacs), peer=Peer("PACS", LOOPBACK, pacs.port, "NOBODY", "DOSEWIRE"))
        outcomes = run(wrong)
        assert verdicts(outcomes)[CheckStep.ASSOCIATION] is CheckVerdict.FAILED
        assert "NOBODY" in details(outcomes)[CheckStep.ASSOCIATION]
        missing = run(plan_for(pacs, study="1.2.3"))
        assert "does not have this study" in details(missing)[CheckStep.FIND]
        assert verdicts(missing)[CheckStep.MOVE] is CheckVerdict.SKIPPED


def test_an_object_that_goes_somewhere_else(tmp_path: Path, destination: Storescp) -> None:
    with (
        Storescp(folder=tmp_path / "elsewhere") as elsewhere,
        Dcmqrscp(folder=tmp_path / "pacs", destinations={"DOSEWIRE": elsewhere.port}) as pacs,
    ):
        pacs.store(small_study(study_date=TODAY))
        plan = plan_for(pacs, destination)
        outcomes = run(plan, arrivals=lambda uid: received(destination, uid))
    assert verdicts(outcomes)[CheckStep.MOVE] is CheckVerdict.FAILED
    assert "does another machine stand there" in details(outcomes)[CheckStep.MOVE]


def test_an_object_that_came_before_does_not_count(tmp_path: Path, destination: Storescp) -> None:
    with (
        Storescp(folder=tmp_path / "elsewhere") as elsewhere,
        Dcmqrscp(folder=tmp_path / "pacs", destinations={"DOSEWIRE": elsewhere.port}) as pacs,
    ):
        pacs.store(small_study(study_date=TODAY))
        plan = plan_for(pacs, destination)
        outcomes = run(plan, arrivals=lambda _uid: {"of another time": "imported"})
    assert verdicts(outcomes)[CheckStep.MOVE] is CheckVerdict.FAILED


def test_a_node_that_does_not_answer_c_echo_is_queried_all_the_same(destination: Storescp) -> None:
    archive = Archive(count=3, first_day=TODAY, kinds=("ct",))
    destinations = {destination.ae_title: (LOOPBACK, destination.port)}
    with SimulatedPacs(archive=archive, echo=silent, destinations=destinations) as pacs:
        plan = plan_for(pacs, destination, study=archive.study(0).uid, answers=2.0)
        plan = replace(plan, peer=Peer("PACS", LOOPBACK, pacs.port, "SIMPACS", "DOSEWIRE"))
        outcomes = run(plan, arrivals=lambda uid: received(destination, uid))
    failed = [outcome.step for outcome in outcomes if outcome.verdict is not CheckVerdict.PASSED]
    assert failed == [CheckStep.ECHO], details(outcomes)


def test_nobody_there() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    with SimulatedPacs() as pacs:
        plan = replace(plan_for(pacs), peer=Peer("PACS", LOOPBACK, port, "PACS", "DOSEWIRE"))
        outcomes = run(plan)
    assert list(verdicts(outcomes).values()) == [CheckVerdict.FAILED, *[CheckVerdict.SKIPPED] * 4]
    assert "nothing listens" in outcomes[0].detail


@pytest.mark.parametrize("answer", [b"", A_ASSOCIATE_AC_BEGUN], ids=["silent", "cut short"])
def test_no_dicom_there(answer: bytes) -> None:
    start = time.monotonic()
    with RawPeer(answer=answer) as peer:
        outcomes = run(plan_for(peer, answers=1.0))
    assert list(verdicts(outcomes).values()) == [CheckVerdict.PASSED, CheckVerdict.FAILED, *[CheckVerdict.SKIPPED] * 3]
    assert "no valid answer to an association request" in details(outcomes)[CheckStep.ASSOCIATION]
    assert time.monotonic() - start < 8


def drops(request: object) -> None:
    request.abort()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("find", "says"),
    [
        (silent, "was silent for 1 seconds"),
        (drops, "dropped the association before it was done"),
        (ends(0xA700), "A700 (out of resources"),
        (ends(0xC001), "C001 (unable to process)"),
        (finds("not a uid"), "without a Study Instance UID"),
    ],
    ids=["silent", "drops", "refuses", "fails", "no uid"],
)
def test_a_query_that_fails_is_explained(find: Script, says: str) -> None:
    with SimulatedPacs(find=find) as pacs:
        outcomes = run(plan_for(pacs, answers=1.0))
    passed, failed = CheckVerdict.PASSED, CheckVerdict.FAILED
    assert list(verdicts(outcomes).values()) == [passed, passed, passed, failed, CheckVerdict.SKIPPED]
    assert says in details(outcomes)[CheckStep.FIND]


@pytest.mark.parametrize("move", [silent, drops], ids=["silent", "drops"])
def test_a_move_that_never_ends_is_cut(move: Script, destination: Storescp) -> None:
    with SimulatedPacs(find=ends(0x0000), move=move) as pacs:
        outcomes = run(plan_for(pacs, destination, answers=1.0))
    assert verdicts(outcomes)[CheckStep.MOVE] is CheckVerdict.FAILED
    assert details(outcomes)[CheckStep.MOVE].startswith("does not end the C-MOVE")


def test_a_cancel_that_comes_too_late_ends_nothing_else(destination: Storescp) -> None:
    archive = Archive(count=3, first_day=TODAY, kinds=("ct",))
    destinations = {destination.ae_title: (LOOPBACK, destination.port)}
    with SimulatedPacs(archive=archive, quirks=Quirks(duplicate_answers=True), destinations=destinations) as pacs:
        plan = plan_for(pacs, destination, study=archive.study(0).uid)
        plan = replace(plan, peer=Peer("PACS", LOOPBACK, pacs.port, "SIMPACS", "DOSEWIRE"))
        outcomes = run(plan, arrivals=lambda uid: received(destination, uid))
    assert set(verdicts(outcomes).values()) == {CheckVerdict.PASSED}, details(outcomes)


FAILING = {
    "some-fail": "could not send 1 of 1 objects",
    "drops-in-move": "does not end the C-MOVE: it dropped the association before it was done",
    "hangs-in-retrieval": "does not end the C-MOVE: it was silent for 3 seconds",
    "sends-nothing": "reports success, but has sent no object",
    "pending-for-ever": "does not end the C-MOVE: it was not done after",
}


@pytest.mark.parametrize("name", PROFILES)
def test_each_quirk_is_met_as_a_job_would_meet_it(name: str, destination: Storescp) -> None:
    archive = Archive(count=3, first_day=TODAY, kinds=("ct",))
    destinations = {destination.ae_title: (LOOPBACK, destination.port)}
    with SimulatedPacs(archive=archive, quirks=PROFILES[name], destinations=destinations) as pacs:
        plan = plan_for(pacs, destination, study=archive.study(0).uid, answers=3.0)
        outcomes = run(plan, arrivals=lambda uid: received(destination, uid))
    *before, moved = outcomes
    assert {outcome.verdict for outcome in before} == {CheckVerdict.PASSED}, before
    if name in FAILING:
        assert (moved.verdict, moved.detail[: len(FAILING[name])]) == (CheckVerdict.FAILED, FAILING[name])
    else:
        assert moved.verdict is CheckVerdict.PASSED, moved
