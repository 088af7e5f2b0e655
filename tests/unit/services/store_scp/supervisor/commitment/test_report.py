from pynetdicom.dsutils import encode

from services.store_scp.common.commitment_request import Reference
from services.store_scp.supervisor.commitment.decision import CommitmentDecision, FailureReason
from services.store_scp.supervisor.commitment.report import event_information, event_type_id

ONE = Reference("1.2.840.10008.5.1.4.1.1.88.67", "2.25.1")
TWO = Reference("1.2.840.10008.5.1.4.1.1.88.67", "2.25.2")


def test_a_report_that_all_is_committed() -> None:
    verdict = CommitmentDecision(committed=(ONE, TWO), failed=())
    information = event_information("2.25.99", verdict)
    assert event_type_id(verdict) == 1
    assert information.TransactionUID == "2.25.99"
    assert [item.ReferencedSOPInstanceUID for item in information.ReferencedSOPSequence] == ["2.25.1", "2.25.2"]
    assert "FailedSOPSequence" not in information  # PS3.4 table J.3-2: not there without a failure


def test_a_report_of_failures() -> None:
    verdict = CommitmentDecision(committed=(), failed=((ONE, FailureReason.NO_SUCH_OBJECT_INSTANCE),))
    information = event_information("2.25.99", verdict)
    assert event_type_id(verdict) == 2
    assert "ReferencedSOPSequence" not in information
    (item,) = information.FailedSOPSequence
    assert (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID, item.FailureReason) == (*ONE, 0x0112)


def test_a_uid_goes_back_as_it_came() -> None:
    odd = Reference("1.2.840.10008.5.1.4.1.1.88.67", "2.25.007")
    information = event_information("2.25.099", CommitmentDecision(committed=(odd,), failed=()))
    encoded = encode(information, True, True)
    assert encoded is not None
    assert b"2.25.007" in encoded
    assert b"2.25.099" in encoded
