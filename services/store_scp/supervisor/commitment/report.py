"""The event information of an N-EVENT-REPORT for storage commitment (PS3.4 section J.3.3). Pure functions."""

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from services.store_scp.common.commitment_request import Reference
from services.store_scp.supervisor.commitment.decision import CommitmentDecision, FailureReason

ALL_COMMITTED = 1
FAILURES_EXIST = 2
"""The Event Type IDs."""


def event_type_id(decision: CommitmentDecision) -> int:
    """Return the Event Type ID for a decision."""
    return FAILURES_EXIST if decision.failed else ALL_COMMITTED


def event_information(transaction_uid: str, decision: CommitmentDecision) -> Dataset:
    """Return the data set of the report; sequences without items are left out, as the standard requires."""
    information = Dataset()
    information.add(_uid("TransactionUID", transaction_uid))
    if decision.committed:
        information.ReferencedSOPSequence = [_item(reference) for reference in decision.committed]
    if decision.failed:
        information.FailedSOPSequence = [_failed(reference, reason) for reference, reason in decision.failed]
    return information


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.add(_uid("ReferencedSOPClassUID", reference.sop_class_uid))
    item.add(_uid("ReferencedSOPInstanceUID", reference.sop_instance_uid))
    return item


def _failed(reference: Reference, reason: FailureReason) -> Dataset:
    item = _item(reference)
    item.FailureReason = reason.value
    return item


def _uid(keyword: str, uid: str) -> DataElement:
    """Return an element with a UID as the device wrote it, be it correct or not: it has to find its object again."""
    return DataElement(keyword, "UI", uid, validation_mode=IGNORE)
