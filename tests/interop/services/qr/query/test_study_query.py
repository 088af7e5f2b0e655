"""The query at STUDY level against simulated PACSs: everything is found, with few requests, and a crash goes on.

`DOSEWIRE_TEST_QR_MONTH` sets the number of studies of a month (1000); the limit of the PACS is a fortieth of it.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time

import pytest

from services.qr.dimse.archive import DimseArchive, open_dimse
from services.qr.query.progress import QueryProgress
from services.qr.query.study_query import StudyQuerySession
from services.qr.remote.archive import Limits
from services.qr.remote.errors import NodeTrouble
from services.qr.remote.find import FoundStudy, StudyQuery
from services.qr.remote.peer import Peer
from shared.dicom.destination import Destination
from shared.jobs.node_settings import NodeSettings
from shared.jobs.options import JobOptions, ModalityClass
from tools.measure.fewest_ranges import fewest_ranges
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.interop

MONTH = int(os.environ.get("DOSEWIRE_TEST_QR_MONTH", "1000"))
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
QUERY = StudyQuery(date_from=FIRST, date_until=LAST, study_instance_uid=None)
CT = JobOptions(modalities=(ModalityClass.CT,))

Save = Callable[[Sequence[FoundStudy], QueryProgress], None]


@contextmanager
def link_to(pacs: SimulatedPacs) -> Iterator[DimseArchive]:
    peer = Peer(name="PACS", address="127.0.0.1", port=pacs.port, ae_title="SIMPACS", calling_ae_title="DOSEWIRE")
    with open_dimse(
        peer=peer,
        destination=Destination("node", "DOSEWIRE", None, 104),
        limits=Limits(connect=5, acse=5, idle=30, total=300),
        cancelled=lambda: False,
        stop=threading.Event(),
    ) as archive:
        yield archive


def ask(
    pacs: SimulatedPacs,
    save: Save,
    progress: QueryProgress,
    *,
    node: NodeSettings | None = None,
    query: StudyQuery = QUERY,
    last: bool = False,
) -> list[str]:
    with link_to(pacs) as archive:
        session = StudyQuerySession(
            archive=archive, query=query, node=node or NodeSettings(), progress=progress, save=save
        )
        return session.run(last_attempt=last)


def pacs_with(count: int, *, kinds: Sequence[str] = ("ct",), quirks: Quirks | None = None) -> SimulatedPacs:
    archive = Archive(count=count, first_day=FIRST, days=31, kinds=kinds)
    return SimulatedPacs(archive=archive, quirks=quirks or Quirks(), destinations={})


def test_a_month_on_a_pacs_that_refuses_long_answers() -> None:
    limit = MONTH // 40
    found: set[str] = set()
    sizes: list[int] = []

    def save(studies: Sequence[FoundStudy], progress: QueryProgress) -> None:
        found.update(study.study_instance_uid for study in studies)
        sizes.append(len(studies))

    with pacs_with(MONTH, quirks=Quirks(refuses_over=limit)) as pacs:
        progress = QueryProgress.begin(QUERY, CT)
        assert ask(pacs, save, progress) == []
        finds = pacs.counts["C_FIND STUDY"]

    assert len(found) == MONTH
    assert max(sizes) <= 100
    moments = (pacs.archive.study(number).at for number in range(MONTH))
    assert finds <= 2 * fewest_ranges(moments, first=FIRST, last=LAST, limit=limit)
    assert progress.finds == finds
    refuses, by_time = progress.notes
    assert refuses == "the node refuses long answers: its ranges were divided"
    assert by_time.endswith("studies without a Study Time are not found so")


def test_what_was_answered_before_a_crash_is_not_asked_for_again() -> None:
    saved: list[str] = []
    found: set[str] = set()

    class Crash(Exception):
        pass

    def save(studies: Sequence[FoundStudy], progress: QueryProgress) -> None:
        found.update(study.study_instance_uid for study in studies)
        saved.append(progress.model_dump_json())
        if len(found) >= 60 and len(saved) < 50:
            saved.extend([saved[-1]] * 50)
            raise Crash

    with pacs_with(200, quirks=Quirks(refuses_over=20)) as pacs:
        with pytest.raises(Crash):
            ask(pacs, save, QueryProgress.begin(QUERY, CT))
        before = pacs.counts["C_FIND STUDY"]
        ask(pacs, save, QueryProgress.model_validate_json(saved[-1]))
        together = pacs.counts["C_FIND STUDY"]
        found_in_two = set(found)
        found.clear()
        ask(pacs, save, QueryProgress.begin(QUERY, CT))
        at_once = pacs.counts["C_FIND STUDY"] - together

    assert len(found_in_two) == 200
    assert found_in_two == found
    assert together <= at_once + 1
    assert before > 1


@pytest.mark.parametrize(
    ("quirks", "node", "finds"),
    [
        (Quirks(), NodeSettings(), 2),
        (Quirks(ignores_modalities_in_study=True), NodeSettings(), 1),
        (Quirks(ignores_modalities_in_study=True, returns_no_modalities_in_study=True), NodeSettings(), 2),
        (Quirks(needs_modality_key=True), NodeSettings(modality_key=True), 2),
    ],
)
def test_how_often_a_node_is_asked_for_two_modalities(quirks: Quirks, node: NodeSettings, finds: int) -> None:
    found: set[str] = set()

    def save(studies: Sequence[FoundStudy], progress: QueryProgress) -> None:
        found.update(study.study_instance_uid for study in studies)

    with pacs_with(6, kinds=("ct", "mg", "us"), quirks=quirks) as pacs:
        options = JobOptions(modalities=(ModalityClass.CT, ModalityClass.MG))
        ask(pacs, save, QueryProgress.begin(QUERY, options), node=node)
        assert pacs.counts["C_FIND STUDY"] == finds
        studies = [pacs.archive.study(number) for number in range(6)]
    assert {study.uid for study in studies if study.kind != "us"} <= found


def test_a_range_that_stays_unanswered_is_asked_for_again_and_then_listed() -> None:
    def save(studies: Sequence[FoundStudy], progress: QueryProgress) -> None:
        found.update(study.study_instance_uid for study in studies)

    found: set[str] = set()
    # From 8:00 on there are four studies a minute, more than the node answers for.
    query = StudyQuery(FIRST, FIRST, None, time_from=time(7, 55), time_until=time(8, 3))
    archive = Archive(count=3000, first_day=FIRST, kinds=("ct",))
    with SimulatedPacs(archive=archive, quirks=Quirks(refuses_over=3), destinations={}) as pacs:
        progress = QueryProgress.begin(query, CT)
        with pytest.raises(NodeTrouble, match="does not answer for"):
            ask(pacs, save, progress, query=query)
        unanswered = ask(pacs, save, progress, query=query, last=True)
    assert unanswered == ["CT studies of 2026-03-01, 08:00 to 08:03"]
    assert progress.unanswered == unanswered
