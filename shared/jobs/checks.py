"""Tests of remote nodes: the request to the qr service, and the results so far."""

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload, sessionmaker

from shared.broker.publisher import Publisher
from shared.database.base import now
from shared.database.engine import KEEP_ROW, unavailable_when_away
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.node_check import OPEN_CHECK_STATES, CheckState, CheckStep, CheckVerdict, NodeCheck
from shared.dicom.uid import is_valid_uid
from shared.errors import Permanent, Unavailable
from shared.logging import get_logger
from shared.messages import CheckNode

TAKEN_WITHIN = timedelta(seconds=60)
"""The time after which a test without a worker is shown with advice to check the qr service."""
GIVEN_UP_AFTER = timedelta(minutes=5)
"""The time after which a test without a worker has failed."""
MOST_UNDER_WAY = 4
"""Tests of one remote node at the same time; half of those that one worker of the qr service makes at once."""
NOT_TAKEN = "no qr worker has taken the test in time; see that the qr service runs, and test again"

log = get_logger(__name__)


class InvalidCheck(Permanent):
    """The requested test is not valid; the text has the reason."""


class StepOutcome(BaseModel):
    """The result of one step of a node test, and the reason in words, with advice."""

    model_config = ConfigDict(frozen=True)

    step: CheckStep
    verdict: CheckVerdict
    detail: str
    duration_ms: int = 0


def create_check(
    *,
    sessions: sessionmaker[Session],
    amqp_url: str,
    remote_node_id: int,
    store_node_id: int | None = None,
    study_instance_uid: str | None = None,
) -> UUID:
    """Write down a node test, and publish it to the qr service; return its id.

    A broker that is away does not matter: the qr service finds the test in the database some seconds later.

    Args:
        sessions: the database.
        amqp_url: the broker.
        remote_node_id: the node to test.
        store_node_id: where it shall send an object; None: nothing is sent.
        study_instance_uid: the study of that object; None: one of the last days.

    Raises:
        InvalidCheck: a node does not exist, or the UID is none.
        Unavailable: the database is away.
    """
    if study_instance_uid is not None and not is_valid_uid(study_instance_uid):
        raise InvalidCheck("this is not a Study Instance UID: at most 64 characters, numbers joined by dots")
    with unavailable_when_away(), sessions.begin() as session:
        if session.get(RemoteNode, remote_node_id, with_for_update=KEEP_ROW) is None:
            raise InvalidCheck(f"there is no remote node {remote_node_id}")
        if store_node_id is not None and session.get(StoreNode, store_node_id, with_for_update=KEEP_ROW) is None:
            raise InvalidCheck(f"there is no store node {store_node_id}")
        _check_number(session, remote_node_id)
        check = NodeCheck(
            remote_node_id=remote_node_id,
            store_node_id=store_node_id,
            to_store_node=store_node_id is not None,
            study_instance_uid=study_instance_uid,
        )
        session.add(check)
        session.flush()
        check_id = check.id
    try:
        with Publisher(amqp_url=amqp_url, name="dosewire-create-check") as publisher:
            publisher.publish(CheckNode(check_id=check_id))
    except Unavailable as error:
        log.warning("node test waits for the sweep of the qr service", check=str(check_id), error=str(error))
    return check_id


def _check_number(session: Session, remote_node_id: int) -> None:
    """Refuse a test of a node that has many under way: one that does not answer must not hold up tests of others."""
    under_way = session.scalar(
        select(func.count()).where(
            NodeCheck.remote_node_id == remote_node_id,
            NodeCheck.state.in_(OPEN_CHECK_STATES),
            NodeCheck.created_at > now() - GIVEN_UP_AFTER,
        )
    )
    if under_way is not None and under_way >= MOST_UNDER_WAY:
        raise InvalidCheck(f"{under_way} tests of this node are under way; wait until one of them is over")


def read_check(*, sessions: sessionmaker[Session], check_id: UUID) -> NodeCheck | None:
    """Return a node test with its two nodes, None where there is none. One that nobody has taken in time has failed.

    Raises:
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        give_up_untaken(session, check_id=check_id)
        return session.scalar(
            select(NodeCheck)
            .where(NodeCheck.id == check_id)
            .options(joinedload(NodeCheck.remote_node), joinedload(NodeCheck.store_node))
        )


def give_up_untaken(session: Session, *, check_id: UUID | None = None) -> None:
    """Mark tests as failed that no worker has taken in time: one test, or all (None)."""
    statement = update(NodeCheck).where(
        NodeCheck.state == CheckState.QUEUED, NodeCheck.created_at < now() - GIVEN_UP_AFTER
    )
    if check_id is not None:
        statement = statement.where(NodeCheck.id == check_id)
    session.execute(statement.values(state=CheckState.FAILED, detail=NOT_TAKEN, finished_at=now()))


def is_waiting_long(check: NodeCheck) -> bool:
    """Tell whether a test should have been taken by now, so that the qr service has to be checked."""
    return check.state is CheckState.QUEUED and check.created_at < now() - TAKEN_WITHIN


def steps_of(check: NodeCheck) -> list[StepOutcome]:
    """Return the steps of a test that are over, in their order."""
    return [StepOutcome.model_validate(step) for step in check.steps]
