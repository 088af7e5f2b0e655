"""The database tables of store nodes, rejected callers and received objects, as the supervisor uses them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, delete, func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.rejection import reject
from services.store_scp.supervisor.database.rejection_book import Counted
from shared.database.engine import unavailable_when_away
from shared.database.models import ObjectState, ReceivedObject, RejectedCaller, StoreNode, StoreNodeState
from shared.database.models.received_object import fitted, reception_row
from shared.messages import ImportObject

KEPT_CALLERS = 200
"""The number of rows of rejected callers that are kept for each node: the latest ones."""


@dataclass(frozen=True, slots=True)
class NodeObservation:
    """The observed state of a store node, with remarks for an operator."""

    state: StoreNodeState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ManagedNodes:
    """The managed store nodes: those that are to run, and the others by id, each with the person who stopped it."""

    wanted: tuple[NodeDefinition, ...]
    disabled: Mapping[int, str] = field(default_factory=dict)
    known: bool = True
    """False only until the definitions were read from the database or from the copy beside the spool."""


_DEFINITION = tuple(name for name in NodeDefinition.model_fields if name != "node_id")
"""The columns of a definition: they have the names of its fields."""


def stopped_by(who: str, at: datetime | None) -> str:
    """Return the person who has disabled a node, in words; empty where that is not known."""
    if not who:
        return ""
    return f"stopped by {who}" + (f" at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at is not None else "")


class Registry:
    """The tables of store nodes and received objects, as this service uses them.

    Every method raises `Unavailable` where the database is away, and `sqlalchemy.exc.SQLAlchemyError` where it does
    not have our tables.
    """

    def __init__(self, *, engine: Engine) -> None:
        self._engine = engine

    def nodes(self) -> ManagedNodes:
        """Read the definitions of the nodes that this service manages."""
        columns = (getattr(StoreNode, name) for name in _DEFINITION)
        query = select(StoreNode.id, StoreNode.enabled, StoreNode.switched_by, StoreNode.switched_at, *columns)
        with unavailable_when_away(), self._engine.connect() as connection:
            rows = connection.execute(query.where(StoreNode.managed).order_by(StoreNode.id)).mappings().all()
        return ManagedNodes(
            wanted=tuple(
                NodeDefinition.model_validate({"node_id": row["id"], **{name: row[name] for name in _DEFINITION}})
                for row in rows
                if row["enabled"]
            ),
            disabled={
                row["id"]: stopped_by(row["switched_by"], row["switched_at"]) for row in rows if not row["enabled"]
            },
        )

    def write_states(self, observations: Mapping[int, NodeObservation]) -> None:
        """Store the observed states of nodes; `updated_at` belongs to the definition, and is not changed."""
        with unavailable_when_away(), self._engine.begin() as connection:
            for node_id, observation in observations.items():
                connection.execute(
                    update(StoreNode)
                    .where(StoreNode.id == node_id, StoreNode.managed)
                    .values(
                        state=observation.state,
                        state_detail=observation.detail,
                        state_at=datetime.now(UTC),
                        updated_at=StoreNode.updated_at,
                    )
                )

    def record_rejections(self, counted: Sequence[Counted]) -> None:
        """Add to the rows of callers that were turned away; only the latest of each node are kept."""
        if not counted:
            return
        with unavailable_when_away(), self._engine.begin() as connection:
            known = set(connection.scalars(select(StoreNode.id).with_for_update(key_share=True, read=True)))
            rows = [_rejection_row(entry) for entry in counted if entry.node_id in known]
            if rows:
                connection.execute(_ADD_REJECTIONS, rows)
            connection.execute(delete(RejectedCaller).where(_TOO_OLD))

    def record_queued(self, messages: Sequence[ImportObject]) -> None:
        """Add a row for each object that went to the importers; where the importer was faster, its row stays."""
        if not messages:
            return
        queued = {"state": ObjectState.QUEUED, "reason": None, "attempts": 0, "queued_at": datetime.now(UTC)}
        statement = insert(ReceivedObject).on_conflict_do_nothing(index_elements=[ReceivedObject.trace_id])
        with unavailable_when_away(), self._engine.begin() as connection:
            connection.execute(statement, [fitted(reception_row(message) | queued) for message in messages])


def _rejection_row(entry: Counted) -> dict[str, object]:
    caller = entry.caller
    said = reject(
        caller.cause,
        node=entry.node,
        called=caller.called_ae_title,
        calling=caller.calling_ae_title,
        address=caller.peer_address,
        detail=caller.detail,
    )
    return {
        "store_node_id": entry.node_id,
        "cause": caller.cause.value,
        "called_ae_title": caller.called_ae_title,
        "calling_ae_title": caller.calling_ae_title,
        "peer_address": caller.peer_address,
        "words": said.words,
        "advice": said.advice,
        "rejections": entry.rejections,
        "first_at": entry.first_at,
        "last_at": entry.last_at,
    }


def _add_rejections() -> Insert:
    statement = insert(RejectedCaller)
    new = statement.excluded
    return statement.on_conflict_do_update(
        constraint="uq_rejected_caller_caller",
        set_={
            "rejections": RejectedCaller.rejections + new.rejections,
            "words": new.words,
            "advice": new.advice,
            "last_at": func.greatest(RejectedCaller.last_at, new.last_at),
        },
    )


def _too_old() -> ColumnElement[bool]:
    place = func.row_number().over(
        partition_by=RejectedCaller.store_node_id, order_by=(RejectedCaller.last_at.desc(), RejectedCaller.id)
    )
    placed = select(RejectedCaller.id, place.label("place")).subquery()
    return RejectedCaller.id.in_(select(placed.c.id).where(placed.c.place > KEPT_CALLERS))


_ADD_REJECTIONS = _add_rejections()
_TOO_OLD = _too_old()
