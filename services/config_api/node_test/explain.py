"""What the answers to the C-FIND and the C-MOVE of a test mean, in words that say what to do. Pure.

Status codes: PS3.4 table C.4-1 (C-FIND) and table C.4-2 (C-MOVE), PS3.7 annex C.
"""

from dataclasses import dataclass

from services.config_api.node_test.outcome import Verdict
from shared.dicom.destination import Destination

SUCCESS = 0x0000
CANCELLED = 0xFE00
SUB_OPERATIONS_FAILED = 0xB000
CANNOT_SEND = 0xA702
DESTINATION_UNKNOWN = 0xA801
NOT_AUTHORIZED = 0x0124

_MEANINGS = {
    0x0110: "processing failure",
    0x0112: "it does not know the operation for this",
    0x0122: "it does not support this SOP Class",
    NOT_AUTHORIZED: "it does not allow us to; allow our AE title there",
    0x0211: "it does not know this operation",
    0xA700: "out of resources: it refuses so many matches; jobs ask for less at a time",
    CANNOT_SEND: "out of resources: it cannot send the objects",
    0xA900: "it does not understand the identifier",
}


@dataclass(frozen=True, slots=True)
class MoveAnswer:
    """The final response to a C-MOVE. None: it does not say."""

    status: int | None
    completed: int | None
    failed: int | None
    for_an_object: bool
    """Whether something was asked for that exists; otherwise nothing can come."""


def describe(status: int) -> str:
    """Return a status with what it means."""
    meaning = _MEANINGS.get(status) or ("unable to process" if status & 0xF000 == 0xC000 else "unknown")
    return f"{status:04X} ({meaning})"


def judge_move(answer: MoveAnswer, destination: Destination) -> tuple[Verdict, str]:
    """Say whether a remote node can send to our store node, as far as its response to a C-MOVE tells."""
    register = f"register the store node {destination.name} there: {destination}"
    if answer.status is None:
        return Verdict.FAILED, f"does not end the C-MOVE; can it reach the store node ({destination})?"
    if answer.status == DESTINATION_UNKNOWN:
        return Verdict.FAILED, f"does not know the move destination {destination.ae_title} (A801): {register}"
    if not answer.for_an_object:
        return _judge_without_object(answer, destination, register)
    if answer.status in (SUCCESS, SUB_OPERATIONS_FAILED) and not answer.failed and answer.completed != 0:
        return Verdict.PASSED, "says that it has sent an object"
    if answer.status == SUCCESS and not answer.failed:
        return Verdict.FAILED, f"reports success, but has sent nothing: {register}"
    if answer.status in (SUCCESS, SUB_OPERATIONS_FAILED):
        said = "could not send the object"
    else:
        said = f"ends the C-MOVE with {describe(answer.status)}"
    return Verdict.FAILED, (
        f"{said}. Either it does not know the move destination: {register}. Or it knows and cannot reach it: "
        "is the address there the right one, does the store node run, does a firewall stand between?"
    )


def _judge_without_object(answer: MoveAnswer, destination: Destination, register: str) -> tuple[Verdict, str]:
    """Judge the answer to a C-MOVE of a study that does not exist."""
    if answer.status == CANNOT_SEND:
        return Verdict.FAILED, f"cannot send to {destination.ae_title} (A702): {register}"
    return Verdict.UNCLEAR, (
        "does not refuse the move destination, but there was no study to send; name one in study_instance_uid to be "
        f"sure, and {register}"
    )
