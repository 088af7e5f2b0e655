"""C-ECHO to remote nodes and to store nodes of third parties: the requests to the qr service, and the outcomes.

With any number of open pages, a node gets one C-ECHO in the time for which its outcome is fresh.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from shared.broker.publisher import Publisher
from shared.database.engine import KEEP_ROW, unavailable_when_away
from shared.database.models.node import RemoteNode, StoreNode
from shared.database.models.node_check import NodeEcho
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messages import CheckNode
from shared.tls.node import NodeTls

FRESH_REMOTE = timedelta(seconds=60)
"""The time for which an outcome is fresh: no node gets a C-ECHO more often, unless a person asks for one."""
FRESH_STORE = timedelta(seconds=10)
LOOK_AGAIN = 0.1

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoOutcome:
    """The outcome of a C-ECHO of the qr service."""

    alive: bool
    detail: str
    """The outcome in words, with advice for a person."""
    duration_ms: int
    echoed_at: datetime
    """The time at which it was sent."""
    calling_ae_title: str
    """Our AE title in that echo."""


def ask_echoes(
    *,
    sessions: sessionmaker[Session],
    amqp_url: str,
    nodes: Iterable[RemoteNode | StoreNode],
    even_if_fresh: bool = False,
) -> None:
    """Ask the qr service for a C-ECHO to each node whose outcome is not fresh any more.

    A broker that is away does not matter: the next request after this time publishes again.

    Args:
        sessions: the database.
        amqp_url: the broker.
        nodes: remote nodes, and store nodes of third parties.
        even_if_fresh: ask for all of them.

    Raises:
        Unavailable: the database is away.
    """
    in_one_order = sorted(nodes, key=lambda node: (isinstance(node, StoreNode), node.id))  # so no two block each other
    with unavailable_when_away(), sessions.begin() as session:
        due = [node for node in in_one_order if _ask(session, node, even_if_fresh=even_if_fresh) is not None]
    _publish(amqp_url, due)


def read_echoes(session: Session, nodes: Iterable[RemoteNode | StoreNode]) -> list[EchoOutcome | None]:
    """Return the last outcome for each node with the settings that it has now, however old; None: there is none."""
    rows = {(row.remote_node_id, row.store_node_id): row for row in session.scalars(select(NodeEcho))}
    return [_outcome(rows.get(_key(node)), node) for node in nodes]


def echo_now(
    *, sessions: sessionmaker[Session], amqp_url: str, node: RemoteNode | StoreNode, patience: float
) -> EchoOutcome | None:
    """Have a C-ECHO sent now, and wait for its outcome, at most `patience` seconds; None: there was none in time.

    Raises:
        Unavailable: the database is away.
    """
    with unavailable_when_away(), sessions.begin() as session:
        asked_at = _ask(session, node, even_if_fresh=True)
    if asked_at is None or not _publish(amqp_url, [node]):
        return None
    deadline = time.monotonic() + patience
    while True:
        with unavailable_when_away(), sessions.begin() as session:
            outcome = read_echoes(session, [node])[0]
        if outcome is not None and outcome.echoed_at >= asked_at:
            return outcome
        if time.monotonic() >= deadline:
            return None
        time.sleep(LOOK_AGAIN)


def settings_key(node: RemoteNode | StoreNode) -> str:
    """Return a digest of the settings of a node that matter for a C-ECHO."""
    values: list[Any]
    if isinstance(node, RemoteNode):
        tls = NodeTls.model_validate(node.qr_settings)
        values = [node.address, node.port, node.ae_title, node.calling_ae_title, tls.model_dump(mode="json")]
    else:
        values = [node.host, node.port, node.ae_title, node.tls]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _ask(session: Session, node: RemoteNode | StoreNode, *, even_if_fresh: bool) -> datetime | None:
    """Write a request for an echo; return its time by the clock of the database, None: no echo is due."""
    if session.get(type(node), node.id, with_for_update=KEEP_ROW, populate_existing=False) is None:
        return None  # it was deleted
    remote_node_id, store_node_id = _key(node)
    wanted = insert(NodeEcho).values(
        remote_node_id=remote_node_id, store_node_id=store_node_id, asked_at=func.now(), settings_key=settings_key(node)
    )
    fresh = FRESH_REMOTE if isinstance(node, RemoteNode) else FRESH_STORE
    has_changed = NodeEcho.settings_key != wanted.excluded.settings_key
    is_old = NodeEcho.asked_at <= func.now() - fresh
    statement = wanted.on_conflict_do_update(
        index_elements=[NodeEcho.remote_node_id if store_node_id is None else NodeEcho.store_node_id],
        set_={
            "asked_at": wanted.excluded.asked_at,
            "settings_key": wanted.excluded.settings_key,
            "echoed_at": case((has_changed, None), else_=NodeEcho.echoed_at),
        },
        where=or_(has_changed, is_old, literal(even_if_fresh)),
    )
    return session.scalar(statement.returning(NodeEcho.asked_at))


def _publish(amqp_url: str, nodes: Sequence[RemoteNode | StoreNode]) -> bool:
    """Publish a message for each node; return False where the broker is away."""
    if not nodes:
        return True
    try:
        with Publisher(amqp_url=amqp_url, name="dosewire-ask-echoes") as publisher:
            for node in nodes:
                remote_node_id, store_node_id = _key(node)
                publisher.publish(CheckNode(remote_node_id=remote_node_id, store_node_id=store_node_id))
    except Unavailable as error:
        log.warning("nodes do not get their C-ECHO: the broker is away", nodes=len(nodes), error=str(error))
        return False
    return True


def _outcome(row: NodeEcho | None, node: RemoteNode | StoreNode) -> EchoOutcome | None:
    if row is None or row.echoed_at is None or row.settings_key != settings_key(node):
        return None
    return EchoOutcome(
        alive=bool(row.alive),
        detail=row.detail,
        duration_ms=row.duration_ms or 0,
        echoed_at=row.echoed_at,
        calling_ae_title=row.calling_ae_title or "",
    )


def _key(node: RemoteNode | StoreNode) -> tuple[int | None, int | None]:
    """Return the id as a remote node, and the id as a store node."""
    return (node.id, None) if isinstance(node, RemoteNode) else (None, node.id)
