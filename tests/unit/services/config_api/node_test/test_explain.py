import pytest
from pydicom.dataset import Dataset

from services.config_api.node_test.explain import MoveAnswer, describe, judge_move
from services.config_api.node_test.keys import small_series
from services.config_api.node_test.outcome import Verdict
from shared.dicom.destination import Destination

STORE = Destination(name="CT hall", ae_title="DOSEWIRE", host=None, port=11112)
REGISTRATION = "AE title DOSEWIRE, the address of the machine where Dosewire's store_scp runs, port 11112"


def move(
    status: int | None, completed: int | None = None, failed: int | None = None, *, for_an_object: bool = True
) -> tuple[Verdict, str]:
    return judge_move(MoveAnswer(status, completed, failed, for_an_object), STORE)


def test_an_object_that_was_sent_passes() -> None:
    for answer in ((0x0000, 1, 0), (0x0000, None, None), (0xB000, 1, 0)):
        assert move(*answer)[0] is Verdict.PASSED


@pytest.mark.parametrize("for_an_object", [True, False])
def test_a_destination_that_is_not_known_is_to_be_registered(for_an_object: bool) -> None:
    verdict, text = move(0xA801, for_an_object=for_an_object)
    assert verdict is Verdict.FAILED
    assert text.startswith("does not know the move destination DOSEWIRE (A801): register the store node CT hall there")
    assert REGISTRATION in text


@pytest.mark.parametrize(("status", "said"), [(0xA702, "A702"), (0xC001, "unable to process"), (0x0124, "allow")])
def test_other_failures_say_what_to_look_at(status: int, said: str) -> None:
    verdict, text = move(status)
    assert verdict is Verdict.FAILED
    for part in (said, REGISTRATION, "firewall"):
        assert part in text


def test_a_failed_sub_operation_counts_whatever_the_status() -> None:
    for status in (0x0000, 0xB000):
        verdict, text = move(status, 0, 1)
        assert verdict is Verdict.FAILED
        assert text.startswith("could not send the object")


def test_success_without_an_object_is_none() -> None:
    assert move(0x0000, 0, 0) == (
        Verdict.FAILED,
        f"reports success, but has sent nothing: register the store node CT hall there: {REGISTRATION}",
    )


def test_no_answer_fails() -> None:
    assert move(None)[0] is Verdict.FAILED


def test_without_an_object_nothing_can_be_sure() -> None:
    verdict, text = move(0x0000, 0, 0, for_an_object=False)
    assert verdict is Verdict.UNCLEAR
    assert "study_instance_uid" in text
    assert move(0xA702, for_an_object=False)[0] is Verdict.FAILED


def test_statuses_are_described() -> None:
    assert describe(0xC123) == "C123 (unable to process)"
    assert describe(0xFFFE) == "FFFE (unknown)"


def series(uid: str, modality: str | None) -> Dataset:
    answer = Dataset()
    answer.SeriesInstanceUID = uid
    if modality is not None:
        answer.Modality = modality
    return answer


def test_a_series_of_reports_is_taken_if_there_is_one() -> None:
    assert small_series([series("1.2", "CT"), series("1.3", "SR"), series("1.4", None)]) == "1.3"
    assert small_series([series("1.2", None), series("1.3", "CT")]) == "1.2"
    assert small_series([Dataset()]) is None
