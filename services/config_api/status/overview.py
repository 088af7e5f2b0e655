"""The state of the whole installation, for `dosewire status` and GET /api/v1/status."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import func, select

from services.config_api.status.node_status import NodeStatus, look_at_nodes
from services.config_api.status.service_health import ServiceHealth, ask_services
from services.config_api.status.spool_state import SpoolState, look_at_spool
from services.config_api.web.context import Context
from services.config_api.web.queue_depths import QueueDepth
from shared.broker.topology import IMPORT
from shared.database.base import now
from shared.database.models import ObjectState, ReceivedObject, StoreNodeState
from shared.errors import Unavailable

COUNTED = timedelta(hours=24)
ECHO_PATIENCE = 8.0
"""Seconds to wait for a C-ECHO to nodes without a fresh outcome, if they do not answer."""

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of all parts. None: `queues` where the broker is away, `nodes` and `objects` where the database is."""

    services: Sequence[ServiceHealth]
    nodes: Sequence[NodeStatus] | None
    queues: Sequence[QueueDepth] | None
    objects: dict[ObjectState, int] | None
    spool: SpoolState | None

    @property
    def down(self) -> list[str]:
        """Everything that does not work, in words: each item makes `dosewire status` fail."""
        return list(self._down())

    @property
    def warnings(self) -> list[str]:
        """Everything that a person should look at, though Dosewire works."""
        return list(self._warnings())

    def _down(self) -> Iterator[str]:
        if self.nodes is None:
            yield "PostgreSQL is away"
        if self.queues is None:
            yield "RabbitMQ is away"
        for service in self.services:
            if not service.ready:
                yield f"service {service.name}: {service.detail or 'not ready'}"
        for node in self.nodes or ():
            if node.managed and node.enabled and node.echo is not None and not node.echo.alive:
                yield f"store node {node.name}: {node.echo.detail}"

    def _warnings(self) -> Iterator[str]:
        for node in self.nodes or ():
            seen = node.observation
            if seen is not None and seen.state is StoreNodeState.ALIVE and seen.detail:
                yield f"store node {node.name}: {seen.detail}"
            if not node.managed and node.echo is not None and not node.echo.alive:
                yield f"{node.kind} {node.name}: {node.echo.detail}"
        for queue in self.queues or ():
            if queue.dead:
                where = "the received objects" if queue.name == IMPORT.name else "the log of the qr service"
                yield f"{queue.dead} messages in the dead-letter queue of {queue.name}: see {where}"
        if self.spool is not None and self.spool.quarantine:
            yield f"{self.spool.quarantine} objects in quarantine: see the received objects that failed"
        if self.spool is not None and self.spool.overdue_commitment_requests:
            yield (
                "storage commitment requests that have waited for more than an hour: "
                f"{self.spool.overdue_commitment_requests}; is the device a remote node, and does it listen? "
                "The log of store_scp names it"
            )


def look(context: Context) -> Overview:
    """Return the state of all parts; a part that is away is told, not raised."""
    return Overview(
        services=ask_services(context.settings.health_urls),
        nodes=_or_none(lambda: look_at_nodes(context, echo=True, patience=ECHO_PATIENCE)),
        queues=_or_none(context.queues.measure),
        objects=_or_none(lambda: _count_objects(context)),
        spool=look_at_spool(context.settings.data_dir),
    )


def _or_none(ask: Callable[[], AnswerT]) -> AnswerT | None:
    try:
        return ask()
    except Unavailable:
        return None


def _count_objects(context: Context) -> dict[ObjectState, int]:
    statement = (
        select(ReceivedObject.state, func.count().label("objects"))
        .where(ReceivedObject.received_at >= now() - COUNTED)
        .group_by(ReceivedObject.state)
    )
    with context.transaction() as session:
        counted = {row.state: row.objects for row in session.execute(statement)}
    return {state: counted.get(state, 0) for state in ObjectState}
