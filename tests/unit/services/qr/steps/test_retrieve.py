import pytest

from services.qr.jobs.contents import Arrival
from services.qr.remote.errors import ImportPending, NotArrived, NotImported
from services.qr.steps.retrieve import judge_arrivals
from shared.database.models.received_object import ObjectState

UIDS = ["1.1", "1.2", "1.3"]


def arrived(*states: ObjectState) -> dict[str, Arrival]:
    return {uid: Arrival(state, "why") for uid, state in zip(UIDS, states, strict=False)}


def test_everything_that_came_is_said_with_what_became_of_it() -> None:
    states = (ObjectState.IMPORTED, ObjectState.REFUSED, ObjectState.DUPLICATE)
    assert judge_arrivals(UIDS, arrived(*states)) == "3 objects received, 1 without dose, 1 added nothing new"
    assert judge_arrivals(UIDS[:1], arrived(ObjectState.IMPORTED)) == "1 object received"


def test_what_is_missing_goes_before_what_is_being_imported() -> None:
    with pytest.raises(NotArrived, match="1 of 3 objects have not been received by the store node"):
        judge_arrivals(UIDS, arrived(ObjectState.QUEUED, ObjectState.FAILED))


@pytest.mark.parametrize("state", [ObjectState.QUEUED, ObjectState.RETRYING])
def test_what_is_being_imported_is_waited_for(state: ObjectState) -> None:
    with pytest.raises(ImportPending, match="1 of 3 objects received, but not imported yet"):
        judge_arrivals(UIDS, arrived(ObjectState.IMPORTED, state, ObjectState.FAILED))


def test_what_could_not_be_imported_is_a_failure_with_its_reason() -> None:
    with pytest.raises(NotImported, match="1 of 3 objects could not be imported: why"):
        judge_arrivals(UIDS, arrived(ObjectState.IMPORTED, ObjectState.IMPORTED, ObjectState.FAILED))
