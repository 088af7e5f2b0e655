"""The meaning of the final status of a C-FIND, C-MOVE or C-GET, in words with advice. Pure functions.

Codes: PS3.4 tables C.4-1 (C-FIND), C.4-2 (C-MOVE), C.4-3 (C-GET) and B.2-1 (C-STORE), PS3.7 annex C (general).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.qr.remote.errors import NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from shared.dicom.destination import Destination
from shared.dicom.status import (
    ATTRIBUTE_LIST_ERROR,
    ATTRIBUTE_VALUE_OUT_OF_RANGE,
    CANCELLED,
    CANNOT_COUNT_MATCHES,
    CANNOT_SEND,
    CANNOT_UNDERSTAND,
    DESTINATION_UNKNOWN,
    DOES_NOT_MATCH_SOP_CLASS,
    INVALID_SOP_INSTANCE,
    MISTYPED_ARGUMENT,
    NO_SUCH_SOP_INSTANCE,
    NOT_AUTHORIZED,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    SOP_CLASS_NOT_SUPPORTED,
    SUB_OPERATIONS_FAILED,
    SUCCESS,
    UNRECOGNIZED_OPERATION,
)

MAY_PASS = frozenset({PROCESSING_FAILURE, OUT_OF_RESOURCES, CANNOT_COUNT_MATCHES, CANNOT_SEND, CANCELLED})
NOT_SUPPORTED = frozenset({NO_SUCH_SOP_INSTANCE, SOP_CLASS_NOT_SUPPORTED, UNRECOGNIZED_OPERATION, MISTYPED_ARGUMENT})

MEANINGS = {
    PROCESSING_FAILURE: "processing failure",
    OUT_OF_RESOURCES: "out of resources",
    CANNOT_COUNT_MATCHES: "out of resources: it cannot count what matches",
    CANNOT_SEND: "out of resources: it cannot send the objects",
    DOES_NOT_MATCH_SOP_CLASS: "it does not understand the identifier",
    CANCELLED: "it cancelled the operation by itself",
}

_STORED_WITH_WARNING = frozenset({ATTRIBUTE_LIST_ERROR, ATTRIBUTE_VALUE_OUT_OF_RANGE, *range(0xB000, 0xC000)})
_STORE_MEANINGS = {
    PROCESSING_FAILURE: "processing failure",
    INVALID_SOP_INSTANCE: "invalid object instance",
    SOP_CLASS_NOT_SUPPORTED: "SOP class not supported",
    NOT_AUTHORIZED: "not authorised",
}
_STORE_RANGES = {
    OUT_OF_RESOURCES: (0xFF00, "out of resources"),
    DOES_NOT_MATCH_SOP_CLASS: (0xFF00, "the data set does not match the SOP class"),
    CANNOT_UNDERSTAND: (0xF000, "cannot be understood"),
}
_LONGEST_COMMENT = 64


@dataclass(frozen=True, slots=True)
class Counts:
    """The sub-operations of a C-MOVE or C-GET as the remote node counts them. None: not in its responses."""

    remaining: int | None = None
    completed: int | None = None
    failed: int | None = None
    warning: int | None = None

    def updated(
        self, *, remaining: int | None, completed: int | None, failed: int | None, warning: int | None
    ) -> "Counts":
        """Return the counts after a response; what is done stays done where the response leaves it out."""
        done = {"completed": completed, "failed": failed, "warning": warning}
        given = {name: int(value) for name, value in done.items() if value is not None}
        return replace(self, remaining=remaining, **given)

    def plus(self, further: "Counts") -> "Counts":
        """Return the counts of two operations together."""
        return Counts(
            remaining=further.remaining,
            completed=_sum(self.completed, further.completed),
            failed=_sum(self.failed, further.failed),
            warning=_sum(self.warning, further.warning),
        )

    @property
    def arrived(self) -> int | None:
        """How many objects were sent, also those with a warning; None where no response said."""
        if self.completed is None and self.warning is None:
            return None
        return (self.completed or 0) + (self.warning or 0)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def check_find(status: int, *, peer: str) -> None:
    """Accept the final status of a C-FIND.

    Raises:
        RemoteError: the answers are not complete.
    """
    if status == SUCCESS:
        return
    raise _failure(status).of(peer, f"ended the query with status {describe(status)}")


def judge_move(status: int, counts: Counts, *, peer: str, destination: Destination) -> str:
    """Return what the final status of a C-MOVE says, where the study has come completely.

    Raises:
        RemoteError: it has not; the text says why and, where a person can help, how.
    """
    if status == DESTINATION_UNKNOWN:
        raise NodeRefuses.of(
            peer,
            f"does not know the move destination {destination.ae_title} (A801): "
            f"register the store node {destination.name} there ({destination})",
        )
    if status in (SUCCESS, SUB_OPERATIONS_FAILED):
        return _judge_counts(status, counts, peer=peer, destination=destination)
    words = f"ended the retrieval with status {describe(status)}{_how_far(counts)}"
    if not counts.arrived and (status == CANNOT_SEND or _unable_to_process(status)):
        # What some nodes say instead of A801, and what all say of a destination that does not answer.
        words += f": does it know the move destination ({destination}), and reach it?"
    raise _failure(status).of(peer, words)


def judge_get(
    status: int,
    counts: Counts,
    *,
    peer: str,
    destination: Destination,
    refused: Mapping[str, int],
    may_pass: bool,
) -> str:
    """Return what the final status of a C-GET says, where everything has come and was passed on.

    Args:
        status: of the final response.
        counts: `completed` and `warning` as we have counted them; the others as the remote node has.
        peer: the remote node, in words.
        destination: the store node.
        refused: how many objects the store node has not taken, by why not, in words.
        may_pass: whether it might take one of those another time.

    Raises:
        RemoteError: something has not come, or was not taken; the text says why.
    """
    if refused:
        reasons = "; ".join(refused)
        total = sum(refused.values())
        text = f"{total} of {total + (counts.arrived or 0)} objects of {peer} were not taken: {reasons}"
        raise NodeTrouble(text) if may_pass else StudyRefused(text)
    if status in (SUCCESS, SUB_OPERATIONS_FAILED):
        return _judge_counts(status, counts, peer=peer, destination=destination)
    raise _failure(status).of(peer, f"ended the retrieval with status {describe(status)}{_how_far(counts)}")


def is_stored(status: int) -> bool:
    """Tell whether this status of a C-STORE says that the object is safe."""
    return status == SUCCESS


def is_stored_with_warning(status: int) -> bool:
    """Tell whether this status of a C-STORE says that the object is safe, and what is remarkable about it."""
    return status in _STORED_WITH_WARNING


def describe_store(status: int) -> str:
    """Return a failure status of a C-STORE with its meaning."""
    ranges = (words for start, (mask, words) in _STORE_RANGES.items() if status & mask == start)
    return f"{status:04X} ({_STORE_MEANINGS.get(status) or next(ranges, 'unknown')})"


def printable(comment: str) -> str:
    """Return an Error Comment (0000,0902) of a peer's as it may stand in a log and on a page."""
    return "".join(one if " " <= one <= "~" else "?" for one in comment.strip()[:_LONGEST_COMMENT])


def _judge_counts(status: int, counts: Counts, *, peer: str, destination: Destination) -> str:
    """Judge by the counts, not by the status: some nodes say Success whatever happened."""
    failed = counts.failed or 0
    only_warnings = counts.failed == 0 and bool(counts.warning)  # B000 stands for these, too
    if failed or (status == SUB_OPERATIONS_FAILED and not only_warnings):
        how_many = f"{failed} of {failed + (counts.arrived or 0)}" if failed else "some"
        raise NodeTrouble.of(peer, f"could not send {how_many} objects to {destination} (status {status:04X})")
    if counts.arrived is None:
        return "sent; the remote node did not say how many objects"
    if counts.arrived == 0:
        raise StudyRefused.of(peer, "reports success, but has sent no object")
    return f"{counts.arrived} object{'s' if counts.arrived != 1 else ''} sent"


def _failure(status: int) -> type[RemoteError]:
    if status in NOT_SUPPORTED or status == NOT_AUTHORIZED:
        return NodeRefuses
    if status in MAY_PASS or _unable_to_process(status):
        return NodeTrouble
    return StudyRefused


def _unable_to_process(status: int) -> bool:
    return status & 0xF000 == CANNOT_UNDERSTAND


def describe(status: int) -> str:
    """Return a status of C-ECHO, C-FIND, C-MOVE or C-GET with its meaning."""
    meaning = MEANINGS.get(status)
    if meaning is None and status in NOT_SUPPORTED:
        meaning = "it does not support this"
    if meaning is None and status == NOT_AUTHORIZED:
        meaning = "it does not allow us to"
    if meaning is None and _unable_to_process(status):
        meaning = "unable to process"
    return f"{status:04X} ({meaning or 'unknown'})"


def _how_far(counts: Counts) -> str:
    return "" if counts.arrived is None else f" after {counts.arrived} objects"
