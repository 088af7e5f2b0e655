import pytest
from pydicom.uid import UID

from bench.client import Payload, sop_instance_uid
from bench.traffic import Ledger, digest
from tools.peers.raw_pdus import store_message


@pytest.fixture
def payload() -> Payload:
    return Payload(size=1000, fragment_bytes=300)


def test_an_object_that_got_success_has_to_be_found_once_and_whole(payload: Payload) -> None:
    ledger = Ledger()
    first, second = ledger.next(payload), ledger.next(payload)
    ledger.safe(first)
    assert (ledger.succeeded, ledger.missing()) == (1, 1)
    assert ledger.found(sop_instance_uid(first), digest(payload.data_set)) is None
    assert ledger.missing() == 0
    assert (
        ledger.found(sop_instance_uid(first), digest(payload.data_set)) == f"{sop_instance_uid(first)} is there twice"
    )
    assert ledger.found(sop_instance_uid(second), digest(b"half")) == f"{sop_instance_uid(second)} is not what was sent"


def test_an_object_that_nobody_sent_is_said(payload: Payload) -> None:
    assert Ledger().found("1.2.3", digest(payload.data_set)) == "1.2.3 is not what was sent"


@pytest.mark.parametrize("size", [22_001, 62_000])
def test_a_payload_is_a_c_store_of_its_size_and_of_its_own_uid(size: int) -> None:
    payload = Payload(size=size)
    assert len(payload.data_set) == size
    assert payload.message(7) == store_message(payload.data_set, sop_instance_uid=sop_instance_uid(7))
    assert UID(sop_instance_uid(7)).is_valid
