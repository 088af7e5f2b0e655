"""The judgement of a trial C-MOVE: success means that the remote node can send to our store node. Pure functions."""

from services.qr.remote.errors import NodeRefuses, RemoteError
from services.qr.remote.status import Counts, judge_move
from shared.database.models.node_check import CheckVerdict
from shared.dicom.destination import Destination
from shared.dicom.status import CANNOT_SEND, DESTINATION_UNKNOWN


def judge_trial(
    status: int, counts: Counts, *, destination: Destination, for_an_object: bool
) -> tuple[CheckVerdict, str]:
    """Judge the final response to a C-MOVE as a job does, and add what a person can do.

    Args:
        status: of the final response.
        counts: as the remote node gives them.
        destination: our store node.
        for_an_object: True: an existing object was requested; False: none is expected to come.
    """
    register = f"register the store node {destination.name} there: {destination}"
    if not for_an_object and status not in (DESTINATION_UNKNOWN, CANNOT_SEND):
        return CheckVerdict.UNCLEAR, (
            "does not refuse the move destination, but there was no study to send; name one in study_instance_uid to "
            f"be sure, and {register}"
        )
    try:
        judge_move(status, counts, peer="it", destination=destination)
    except NodeRefuses as error:
        if status == DESTINATION_UNKNOWN:
            return CheckVerdict.FAILED, error.words
        return CheckVerdict.FAILED, _with_advice(error, register)
    except RemoteError as error:
        return CheckVerdict.FAILED, _with_advice(error, register)
    return CheckVerdict.PASSED, "says that it has sent an object"


def _with_advice(error: RemoteError, register: str) -> str:
    return (
        f"{error.words}. Either it does not know the move destination: {register}. Or it knows and cannot reach it: "
        "is the address there the right one, does the store node run, does a firewall stand between?"
    )
