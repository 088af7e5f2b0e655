"""Echoes of nodes in the database, as the qr service reads and writes them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from services.qr.checks.echo import EchoReply
from shared.database.engine import unavailable_when_away
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.node_check import NodeEcho
from shared.jobs.echoes import settings_key


@dataclass(frozen=True, slots=True)
class WantedEcho:
    """A node for which a C-ECHO was requested."""

    node: RemoteNode | StoreNode
    begun_at: datetime
    """The time of the request, by the clock of the database."""


class NodeEchoes:
    """The last echoes of nodes."""

    def __init__(self, *, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def begin(self, *, remote_node_id: int | None, store_node_id: int | None) -> WantedEcho | None:
        """Return the node; None where it was deleted, or has had its echo since the request.

        Raises:
            Unavailable: the database is away.
        """
        with unavailable_when_away(), self._sessions.begin() as session:
            node: RemoteNode | StoreNode | None
            if remote_node_id is not None:
                node = session.get(RemoteNode, remote_node_id)
            else:
                node = session.get(StoreNode, store_node_id)
            if node is None:
                return None
            is_due = or_(NodeEcho.echoed_at.is_(None), NodeEcho.echoed_at < NodeEcho.asked_at)
            begun_at = session.scalar(select(func.now()).select_from(NodeEcho).where(_is_of(node), is_due))
            return None if begun_at is None else WantedEcho(node, begun_at)

    def write(self, wanted: WantedEcho, reply: EchoReply, *, calling_ae_title: str) -> None:
        """Write the outcome of an echo, unless one was requested with other settings of the node since.

        Raises:
            Unavailable: the database is away.
        """
        node = wanted.node
        with unavailable_when_away(), self._sessions.begin() as session:
            session.execute(
                update(NodeEcho)
                .where(
                    _is_of(node),
                    NodeEcho.settings_key == settings_key(node),
                    or_(NodeEcho.echoed_at.is_(None), NodeEcho.echoed_at < wanted.begun_at),
                )
                .values(
                    echoed_at=wanted.begun_at,
                    alive=reply.alive,
                    detail=reply.detail,
                    duration_ms=reply.duration_ms,
                    calling_ae_title=calling_ae_title,
                )
            )


def _is_of(node: RemoteNode | StoreNode) -> ColumnElement[bool]:
    return (NodeEcho.remote_node_id if isinstance(node, RemoteNode) else NodeEcho.store_node_id) == node.id
