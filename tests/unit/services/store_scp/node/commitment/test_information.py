import random
from collections.abc import Mapping

import pytest
from pydicom.dataset import Dataset
from pynetdicom.dsutils import encode as encode_data_set

from services.store_scp.common.commitment_request import Reference
from services.store_scp.node.commitment.information import (
    MAXIMUM_REFERENCES,
    REQUEST_STORAGE_COMMITMENT,
    NotAccepted,
    check_command,
    decode,
)
from services.store_scp.node.protocol.command_set import CommandField, CommandSet, Element
from shared.dicom.uid import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from tools.peers.raw_pdus import command_set

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
ONE = Reference(DOSE_SR, "2.25.1")
TWO = Reference(DOSE_SR, "2.25.2")


def information(*references: Reference, transaction_uid: str | None = "2.25.99") -> Dataset:
    data_set = Dataset()
    if transaction_uid is not None:
        data_set.TransactionUID = transaction_uid
    data_set.ReferencedSOPSequence = []
    for reference in references:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = reference
        data_set.ReferencedSOPSequence.append(item)
    return data_set


def encoded(data_set: Dataset, transfer_syntax_uid: str = IMPLICIT) -> bytes:
    result = encode_data_set(data_set, transfer_syntax_uid == IMPLICIT, transfer_syntax_uid != BIG_ENDIAN)
    assert result is not None
    return result


def command(changes: Mapping[Element, int | str | None]) -> CommandSet:
    values: dict[Element, int | str | None] = {
        Element.REQUESTED_SOP_CLASS_UID: STORAGE_COMMITMENT,
        Element.COMMAND_FIELD: CommandField.N_ACTION,
        Element.MESSAGE_ID: 1,
        Element.REQUESTED_SOP_INSTANCE_UID: STORAGE_COMMITMENT_INSTANCE,
        Element.ACTION_TYPE_ID: REQUEST_STORAGE_COMMITMENT,
    }
    values |= changes
    return CommandSet(command_set({element: value for element, value in values.items() if value is not None}))


def refusal(data: bytes, transfer_syntax_uid: str = IMPLICIT) -> tuple[int, str]:
    with pytest.raises(NotAccepted) as caught:
        decode(data, transfer_syntax_uid=transfer_syntax_uid)
    return caught.value.status, str(caught.value)


@pytest.mark.parametrize("transfer_syntax_uid", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("undefined_length", [False, True])
def test_transaction_and_references_are_read(transfer_syntax_uid: str, undefined_length: bool) -> None:
    data_set = information(ONE, TWO)
    data_set["ReferencedSOPSequence"].is_undefined_length = undefined_length
    data = encoded(data_set, transfer_syntax_uid)
    assert decode(data, transfer_syntax_uid=transfer_syntax_uid) == ("2.25.99", (ONE, TWO))


def test_a_reference_that_is_repeated_counts_once() -> None:
    assert decode(encoded(information(TWO, ONE, TWO)), transfer_syntax_uid=IMPLICIT)[1] == (TWO, ONE)


def test_what_else_a_device_says_is_passed_over() -> None:
    data_set = information(ONE)
    data_set.ReferencedPerformedProcedureStepSequence = [Dataset()]
    data_set.ReferencedSOPSequence[0].StorageMediaFileSetID = "DISC1"
    data_set.add_new(0x00091001, "UN", b"private")
    assert decode(encoded(data_set), transfer_syntax_uid=IMPLICIT)[1] == (ONE,)


def test_a_request_without_its_parts_has_an_invalid_argument() -> None:
    assert refusal(encoded(information(ONE, transaction_uid=None)))[0] == 0x0115
    assert refusal(encoded(information())) == (0x0115, "Referenced SOP Sequence is missing or empty")
    no_instance = information(ONE, TWO)
    del no_instance.ReferencedSOPSequence[1].ReferencedSOPInstanceUID
    assert refusal(encoded(no_instance))[1].startswith("Referenced SOP Instance UID 2 is missing")
    assert refusal(encoded(information(ONE)).replace(b"2.25.1", b"../../"))[0] == 0x0115


def test_more_references_than_the_limit_are_a_resource_limitation() -> None:
    item = encoded(information(ONE).ReferencedSOPSequence[0])
    transaction = encoded(information())[:-8]

    def repeated(count: int) -> bytes:
        items = (b"\xfe\xff\0\xe0" + len(item).to_bytes(4, "little") + item) * count
        return transaction + b"\x08\0\x99\x11" + len(items).to_bytes(4, "little") + items

    assert decode(repeated(MAXIMUM_REFERENCES), transfer_syntax_uid=IMPLICIT)[1] == (ONE,)
    assert refusal(repeated(MAXIMUM_REFERENCES + 1))[0] == 0x0213


def test_every_way_to_cut_a_request_short_is_refused_or_read() -> None:
    whole = encoded(information(ONE, TWO), EXPLICIT)
    for length in range(len(whole)):
        status, references = outcome(whole[:length])
        assert status in (0x0000, 0x0115)
        assert set(references) <= {ONE, TWO}


def test_whatever_is_changed_in_a_request_it_is_refused_or_read() -> None:
    whole, chance = encoded(information(ONE, TWO), EXPLICIT), random.Random(20261122)
    for _ in range(3000):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice(
                (0x00, 0x01, 0x7F, 0xFE, 0xFF, chance.randrange(256))
            )
        status, references = outcome(bytes(changed))
        assert status in (0x0000, 0x0115)
        assert all(set(uid) <= set("0123456789.") for reference in references for uid in reference)


def outcome(data: bytes) -> tuple[int, tuple[Reference, ...]]:
    try:
        return 0x0000, decode(data, transfer_syntax_uid=EXPLICIT)[1]
    except NotAccepted as refused:
        return refused.status, ()


@pytest.mark.parametrize("depth", [100, 30_000])
def test_deep_nesting_is_no_way_to_end_the_process(depth: int) -> None:
    item = b"\x08\0\x99\x11\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\xff\xff\xff\xff"
    ends = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    transaction = encoded(information())[:-8]
    assert refusal(transaction + item * depth + ends * depth)[0] == 0x0115


def test_the_right_request_passes() -> None:
    check_command(command({}))


@pytest.mark.parametrize(
    ("element", "value", "status"),
    [
        (Element.REQUESTED_SOP_CLASS_UID, DOSE_SR, 0x0118),
        (Element.REQUESTED_SOP_CLASS_UID, None, 0x0118),
        (Element.REQUESTED_SOP_INSTANCE_UID, "1.2.840.10008.1.20.1.2", 0x0112),
        (Element.REQUESTED_SOP_INSTANCE_UID, None, 0x0112),
        (Element.ACTION_TYPE_ID, 2, 0x0123),
        (Element.ACTION_TYPE_ID, None, 0x0123),
    ],
)
def test_another_class_instance_or_action_is_refused(element: Element, value: int | str | None, status: int) -> None:
    with pytest.raises(NotAccepted) as caught:
        check_command(command({element: value}))
    assert caught.value.status == status
