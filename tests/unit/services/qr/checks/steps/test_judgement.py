import pytest

from services.qr.checks.steps.judgement import judge_trial
from services.qr.remote.status import Counts, describe
from shared.database.models.node_check import CheckVerdict
from shared.dicom.destination import Destination

STORE = Destination(name="CT hall", ae_title="DOSEWIRE", host=None, port=11112)
REGISTRATION = "AE title DOSEWIRE, the address of the machine where Dosewire's store_scp runs, port 11112"


def move(
    status: int,
    completed: int | None = None,
    failed: int | None = None,
    *,
    warning: int | None = None,
    for_an_object: bool = True,
) -> tuple[CheckVerdict, str]:
    counts = Counts(completed=completed, failed=failed, warning=warning)
    return judge_trial(status, counts, destination=STORE, for_an_object=for_an_object)


def test_an_object_that_was_sent_passes() -> None:
    for answer in ((0x0000, 1, 0), (0x0000, None, None)):
        assert move(*answer)[0] is CheckVerdict.PASSED
    assert move(0xB000, 0, 0, warning=1)[0] is CheckVerdict.PASSED


@pytest.mark.parametrize("for_an_object", [True, False])
def test_a_destination_that_is_not_known_is_to_be_registered(for_an_object: bool) -> None:
    verdict, text = move(0xA801, for_an_object=for_an_object)
    assert verdict is CheckVerdict.FAILED
    assert text.startswith("does not know the move destination DOSEWIRE (A801): register the store node CT hall there")
    assert REGISTRATION in text


@pytest.mark.parametrize(("status", "said"), [(0xA702, "A702"), (0xC001, "unable to process"), (0x0124, "allow")])
def test_other_failures_say_what_to_look_at(status: int, said: str) -> None:
    verdict, text = move(status)
    assert verdict is CheckVerdict.FAILED
    for part in (said, REGISTRATION, "firewall"):
        assert part in text


def test_a_failed_sub_operation_counts_whatever_the_status() -> None:
    for status in (0x0000, 0xB000):
        verdict, text = move(status, 0, 1)
        assert verdict is CheckVerdict.FAILED
        assert text.startswith("could not send 1 of 1 objects")


def test_success_without_an_object_is_none() -> None:
    verdict, text = move(0x0000, 0, 0)
    assert verdict is CheckVerdict.FAILED
    assert text.startswith("reports success, but has sent no object. ")
    assert f"register the store node CT hall there: {REGISTRATION}" in text


def test_without_an_object_nothing_can_be_sure() -> None:
    verdict, text = move(0x0000, 0, 0, for_an_object=False)
    assert verdict is CheckVerdict.UNCLEAR
    assert "study_instance_uid" in text
    assert move(0xA702, for_an_object=False)[0] is CheckVerdict.FAILED


def test_statuses_are_described() -> None:
    assert describe(0xC123) == "C123 (unable to process)"
    assert describe(0xFFFE) == "FFFE (unknown)"
