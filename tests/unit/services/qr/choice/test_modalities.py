import pytest

from services.qr.choice.modalities import ModalityEvidence, modalities_to_ask
from shared.jobs.options import ModalityClass


def test_modalities_are_asked_in_one_order() -> None:
    assert modalities_to_ask([ModalityClass.SR, *reversed(list(ModalityClass)[:-1])]) == (
        "CT", "MG", "RF", "XA", "DX", "CR", "PX", "NM", "PT", "SR",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "modality_key", "matches"),
    [
        ([], False, True),
        ([["CT", "SR"], ["CT"]], False, True),
        ([["CT"], ["US"]], False, False),
        ([["CT"], ["US"]], True, False),
        ([None, None], False, False),
        ([[""], []], False, False),
        ([[""], []], True, True),
        ([None, None], True, True),
        ([None, ["CT"]], False, True),
    ],
)
def test_what_answers_show_of_the_matching(answers: list[list[str] | None], modality_key: bool, matches: bool) -> None:
    evidence = ModalityEvidence().seen(asked="CT", answers=answers)
    assert evidence.matches(modality_key=modality_key) is matches


def test_evidence_adds_up_over_queries() -> None:
    evidence = ModalityEvidence().seen(asked="CT", answers=[["CT"]]).seen(asked="MG", answers=[["MG"], ["CT"]])
    assert evidence == ModalityEvidence(answers=3, returned=True, mismatch=True)
