"""Node tests in the database, as the qr service reads and writes them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import cast, delete, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, joinedload, sessionmaker

from shared.database.base import now
from shared.database.engine import unavailable_when_away
from shared.database.models.node_check import OPEN_CHECK_STATES, CheckState, CheckVerdict, NodeCheck
from shared.database.models.received_object import ReceivedObject
from shared.jobs.checks import StepOutcome, give_up_untaken

LONGEST_CHECK = timedelta(minutes=5)
"""Longer than any test: one that still runs after this has lost its worker and its message."""
GIVEN_UP_AFTER = timedelta(minutes=15)
NOT_FINISHED = "no qr worker has finished the test; see the log of the qr service, and test again"
KEPT = timedelta(days=7)


class NodeChecks:
    """The node tests."""

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def begin(self, check_id: UUID) -> NodeCheck | None:
        """Begin a test, from its first step; return it with its nodes, None where it is over or gone.

        Raises:
            Unavailable: the database is away.
        """
        with unavailable_when_away(), self._sessions.begin() as session:
            begun = session.scalar(
                update(NodeCheck)
                .where(NodeCheck.id == check_id, NodeCheck.state.in_(OPEN_CHECK_STATES))
                .values(state=CheckState.RUNNING, steps=[], started_at=now())
                .returning(NodeCheck.id)
            )
            if begun is None:
                return None
            return session.scalar(
                select(NodeCheck)
                .where(NodeCheck.id == check_id)
                .options(joinedload(NodeCheck.remote_node), joinedload(NodeCheck.store_node))
            )

    def add_step(self, check_id: UUID, outcome: StepOutcome) -> None:
        """Write down the outcome of a step.

        Raises:
            Unavailable: the database is away.
        """
        added = cast([outcome.model_dump(mode="json")], JSONB)
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(NodeCheck)
                .where(NodeCheck.id == check_id, NodeCheck.state == CheckState.RUNNING)
                .values(steps=NodeCheck.steps.concat(added))
            )

    def finish(self, check_id: UUID, outcomes: Sequence[StepOutcome]) -> None:
        """Write down that all steps of a test are over.

        Raises:
            Unavailable: the database is away.
        """
        passed = not any(one.verdict in (CheckVerdict.FAILED, CheckVerdict.UNCLEAR) for one in outcomes)
        self._end(check_id, state=CheckState.DONE, passed=passed)

    def fail(self, check_id: UUID, detail: str) -> None:
        """Write down why a test cannot be made.

        Raises:
            Unavailable: the database is away.
        """
        self._end(check_id, state=CheckState.FAILED, detail=detail)

    def _end(self, check_id: UUID, **values: object) -> None:
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(NodeCheck)
                .where(NodeCheck.id == check_id, NodeCheck.state == CheckState.RUNNING)
                .values(**values, finished_at=now())
            )

    def arrivals(self, sop_instance_uid: str, store_node: str) -> dict[str, str]:
        """Return the receptions of an object at a store node, by its name: their states by trace id.

        Raises:
            Unavailable: the database is away.
        """
        with unavailable_when_away(), self._sessions.begin() as session:
            rows = session.execute(
                select(ReceivedObject.trace_id, ReceivedObject.state).where(
                    ReceivedObject.sop_instance_uid == sop_instance_uid, ReceivedObject.store_node == store_node
                )
            )
            return {trace_id: state.value for trace_id, state in rows}

    def lost(self, *, grace: timedelta) -> list[UUID]:
        """Return the tests whose message seems to be lost: not begun within `grace`, or not ended in any time.

        Raises:
            Unavailable: the database is away.
        """
        moment = now()
        with unavailable_when_away(), self._sessions.begin() as session:
            waiting = (NodeCheck.state == CheckState.QUEUED) & (NodeCheck.created_at < moment - grace)
            running = (NodeCheck.state == CheckState.RUNNING) & (NodeCheck.started_at < moment - LONGEST_CHECK)
            return list(
                session.scalars(select(NodeCheck.id).where(or_(waiting, running)).order_by(NodeCheck.created_at))
            )

    def tidy(self) -> None:
        """Give up tests that nobody has taken or finished in time, and delete old ones.

        Raises:
            Unavailable: the database is away.
        """
        moment = now()
        with unavailable_when_away(), self._sessions.begin() as session:
            give_up_untaken(session)
            session.execute(
                update(NodeCheck)
                .where(NodeCheck.state == CheckState.RUNNING, NodeCheck.created_at < moment - GIVEN_UP_AFTER)
                .values(state=CheckState.FAILED, detail=NOT_FINISHED, finished_at=moment)
            )
            session.execute(delete(NodeCheck).where(NodeCheck.created_at < moment - KEPT))
