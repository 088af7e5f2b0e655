"""The simulated PACS answers from its archive, and by a script where it has one for the operation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.association import Association

from tools.pacs.archive import Archive
from tools.pacs.request import DESTINATION_UNKNOWN, PENDING, SUCCESS
from tools.pacs.scripts import ends, finds
from tools.pacs.server import FIND, GET, MOVE, VERIFICATION, SimulatedPacs
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

ARCHIVE = Archive(count=2, first_day=date(2026, 3, 10))


@contextmanager
def called(pacs: SimulatedPacs) -> Iterator[Association]:
    entity = AE()
    entity.dimse_timeout = 10
    for sop_class in (VERIFICATION, FIND, MOVE, GET):
        entity.add_requested_context(sop_class)
    association = entity.associate(LOOPBACK, pacs.port)
    assert association.is_established
    yield association
    association.release()


def studies(association: Association) -> list[str]:
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = keys.StudyDate = keys.StudyTime = ""
    answers = association.send_c_find(keys, FIND)
    return [str(found.StudyInstanceUID) for status, found in answers if status.Status == PENDING and found is not None]


def move(association: Association) -> list[int]:
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = ARCHIVE.study(0).uid
    return [status.Status for status, _ in association.send_c_move(keys, "NOBODY", MOVE)]


def test_it_answers_from_its_archive() -> None:
    with SimulatedPacs(archive=ARCHIVE) as pacs, called(pacs) as association:
        assert association.send_c_echo().Status == SUCCESS
        assert studies(association) == [ARCHIVE.study(0).uid, ARCHIVE.study(1).uid]
        assert move(association) == [DESTINATION_UNKNOWN]
        assert pacs.requests == ["C_FIND", "C_MOVE"]
        assert pacs.counts["C_FIND STUDY"] == pacs.counts["C_MOVE STUDY"] == 1


def test_a_script_answers_in_place_of_the_archive_and_only_where_it_is_for() -> None:
    with SimulatedPacs(archive=ARCHIVE, find=finds("1.2.3"), echo=ends(0x0211)) as pacs, called(pacs) as association:
        assert association.send_c_echo().Status == 0x0211
        assert studies(association) == ["1.2.3"]
        assert move(association) == [DESTINATION_UNKNOWN]


def test_it_offers_c_get_with_an_archive_or_a_script_for_it() -> None:
    for pacs, offered in (
        (SimulatedPacs(), False),
        (SimulatedPacs(get=ends(SUCCESS)), True),
        (SimulatedPacs(archive=ARCHIVE), True),
    ):
        with pacs, called(pacs) as association:
            assert (GET in {context.abstract_syntax for context in association.accepted_contexts}) == offered
