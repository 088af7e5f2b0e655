import pytest

from services.store_scp.common.rejection import Cause, printable_ae_title, reject


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (Cause.CALLING_AE_TITLE, "add 'CT9' to the allowed calling AE titles of node 'CT hall'"),
        (Cause.ADDRESS, "add 198.51.100.1 or its network to the allowed peers of node 'CT hall'"),
        (Cause.AE_TITLE_LIMIT, "raise the maximum per AE title of node 'CT hall'"),
    ],
)
def test_the_advice_says_what_to_change_where(cause: Cause, advice: str) -> None:
    assert advice in reject(cause, node="CT hall", called="X", calling="CT9", address="198.51.100.1").advice


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_numbers_words_and_advice(cause: Cause) -> None:
    found = reject(cause, node="CT hall")
    assert found.words
    assert found.advice
    assert found.result in (1, 2)
    assert found.source in (1, 2, 3)


def test_what_a_peer_calls_itself_becomes_printable() -> None:
    assert printable_ae_title("CT\r\n\x1b[31mX\x00é and so on and on") == "CT???[31mX?? and"
    found = reject(Cause.CALLED_AE_TITLE, node="CT hall", called="A\nB")
    assert "\n" not in found.words
