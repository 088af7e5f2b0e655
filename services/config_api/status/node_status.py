"""The state of nodes: the wanted state, the report of store_scp, and the outcome of a C-ECHO."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from services.config_api.status.callers import admitted_callers, restricts_callers
from services.config_api.status.echo_status import (
    NO_ANSWER_YET,
    EchoStatus,
    echo_of_qr,
    echo_of_store_scp,
    is_current,
)
from services.config_api.status.observation import Observation, observe
from services.config_api.web.context import Context
from shared.database.base import now
from shared.database.models import RemoteNode, StoreNode
from shared.jobs.echoes import ask_echoes, read_echoes

LOOK_AGAIN = 0.1


class NodeKind(StrEnum):
    """The kind of a node, as people read it."""

    STORE = "store node"
    THIRD_PARTY = "store node of a third party"
    REMOTE = "remote node"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node; `echo` is None where no C-ECHO was wanted, `observation` where store_scp does not run it."""

    id: int
    name: str
    kind: NodeKind
    ae_title: str
    host: str
    port: int
    managed: bool
    enabled: bool
    callers: str = ""
    """The callers that it admits, in words; empty where Dosewire does not run it."""
    restricts_callers: bool = False
    """Its admission differs from the one of a new node."""
    observation: Observation | None
    echo: EchoStatus | None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Nodes:
    """All nodes by name, and the C-ECHO that is known of those that the qr service calls."""

    stores: Sequence[StoreNode]
    remotes: Sequence[RemoteNode]
    echoes: Mapping[StoreNode | RemoteNode, EchoStatus | None]


def look_at_nodes(context: Context, *, echo: bool, patience: float = 0.0) -> list[NodeStatus]:
    """Return all nodes, store nodes first.

    Args:
        context: the database and the broker.
        echo: have the qr service send a C-ECHO to the nodes whose last one is not fresh any more, and say so of those
            that have no outcome then. Otherwise the outcomes that are known are returned, and None for the others.
        patience: the seconds to wait at most for outcomes.

    Raises:
        Unavailable: the database is away.
    """
    nodes = _read(context)
    if echo:
        amqp_url = context.settings.amqp_url.get_secret_value()
        ask_echoes(sessions=context.sessions, amqp_url=amqp_url, nodes=nodes.echoes)
        with context.waiting(patience) as seconds:
            deadline = time.monotonic() + seconds
            while None in nodes.echoes.values() and time.monotonic() < deadline:
                time.sleep(LOOK_AGAIN)
                nodes = _read(context)
    otherwise = NO_ANSWER_YET if echo else None
    return [
        *(_store_node(node, context, nodes.echoes.get(node) or otherwise) for node in nodes.stores),
        *(_remote_node(node, nodes.echoes[node] or otherwise) for node in nodes.remotes),
    ]


def _read(context: Context) -> _Nodes:
    with context.transaction() as session:
        stores = session.scalars(select(StoreNode).order_by(StoreNode.name)).all()
        remotes = session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all()
        called: list[StoreNode | RemoteNode] = [*(one for one in stores if one.enabled and not one.managed), *remotes]
        outcomes = read_echoes(session, called)
    moment = now()
    echoes = {
        node: echo_of_qr(outcome) if outcome is not None and is_current(outcome, node, now=moment) else None
        for node, outcome in zip(called, outcomes, strict=True)
    }
    return _Nodes(stores, remotes, echoes)


def _store_node(node: StoreNode, context: Context, echo: EchoStatus | None) -> NodeStatus:
    if node.managed:
        echo = echo_of_store_scp(node, now=now())
    return NodeStatus(
        id=node.id,
        name=node.name,
        kind=NodeKind.STORE if node.managed else NodeKind.THIRD_PARTY,
        ae_title=node.ae_title,
        host=node.host or context.settings.store_scp_host,
        port=node.port,
        managed=node.managed,
        enabled=node.enabled,
        callers=admitted_callers(node) if node.managed else "",
        restricts_callers=node.managed and restricts_callers(node),
        observation=observe(node, now=now()) if node.managed else None,
        echo=echo if node.enabled else None,
    )


def _remote_node(node: RemoteNode, echo: EchoStatus | None) -> NodeStatus:
    return NodeStatus(
        id=node.id,
        name=node.name,
        kind=NodeKind.REMOTE,
        ae_title=node.ae_title,
        host=node.address,
        port=node.port,
        managed=False,
        enabled=True,
        observation=None,
        echo=echo,
    )
