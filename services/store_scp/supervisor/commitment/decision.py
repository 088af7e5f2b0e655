"""The decision on a request for storage commitment: its objects that are committed, and those that are not.

An object is safe when its file is kept, or when it is a report whose dose is in the database. Before the import is
over, nothing is committed: the deletion policy may still delete the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from services.store_scp.common.commitment_request import Reference
from shared.dicom import status


class Fate(Enum):
    """The state of a received object, as storage commitment sees it."""

    SAFE = auto()
    """Its file is kept, or it is a report that was imported."""
    UNDECIDED = auto()
    """Its file is in the spool; it has not been imported yet, so it may still be deleted."""
    GONE = auto()
    """Deleted by policy, or removed by an operator."""


class FailureReason(Enum):
    """Values of Failure Reason (0008,1197) (PS3.3 section C.14.1.1)."""

    PROCESSING_FAILURE = status.PROCESSING_FAILURE
    NO_SUCH_OBJECT_INSTANCE = status.NO_SUCH_SOP_INSTANCE
    CLASS_INSTANCE_CONFLICT = status.CLASS_INSTANCE_CONFLICT


@dataclass(frozen=True, slots=True)
class Received:
    """One reception of an object."""

    sop_class_uid: str
    sop_instance_uid: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class CommitmentDecision:
    """The references that are committed, those that are not, and those not decided yet, in the order of the request."""

    committed: tuple[Reference, ...]
    failed: tuple[tuple[Reference, FailureReason], ...]
    undecided: tuple[Reference, ...] = ()

    def without_waiting(self) -> "CommitmentDecision":
        """Return the decision for the case that nothing is waited for: what is undecided has failed."""
        given_up = tuple((reference, FailureReason.PROCESSING_FAILURE) for reference in self.undecided)
        return CommitmentDecision(self.committed, self.failed + given_up)


def judge(references: Iterable[Reference], received: Iterable[Received]) -> CommitmentDecision:
    """Decide from everything that is known of these objects."""
    by_instance: dict[str, list[Received]] = {}
    for reception in received:
        by_instance.setdefault(reception.sop_instance_uid, []).append(reception)
    judged = [(reference, _judge_one(reference, by_instance)) for reference in references]
    return CommitmentDecision(
        committed=tuple(reference for reference, decision in judged if decision is Fate.SAFE),
        failed=tuple((reference, decision) for reference, decision in judged if isinstance(decision, FailureReason)),
        undecided=tuple(reference for reference, decision in judged if decision is Fate.UNDECIDED),
    )


def _judge_one(reference: Reference, by_instance: Mapping[str, Sequence[Received]]) -> Fate | FailureReason:
    receptions = by_instance.get(reference.sop_instance_uid, ())
    fates = {reception.fate for reception in receptions if reception.sop_class_uid == reference.sop_class_uid}
    if not fates and receptions:
        return FailureReason.CLASS_INSTANCE_CONFLICT
    for fate in (Fate.SAFE, Fate.UNDECIDED):
        if fate in fates:
            return fate
    return FailureReason.NO_SUCH_OBJECT_INSTANCE
