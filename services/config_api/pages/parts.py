"""What the parts of the overview show. A part whose source is away says so; the others go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from services.config_api.api.received_objects import ReceivedObjectQuery, find_received_objects
from services.config_api.api.studies import StudyQuery, find_studies
from services.config_api.context import Context
from services.config_api.echo import EchoResult, Target
from services.config_api.targets import target_of_remote_node, target_of_store_node
from shared.database.models import RemoteNode, StoreNode
from shared.errors import Unavailable

ROWS = 25
KEEP_STORE_ECHO_SECONDS = 5.0
KEEP_REMOTE_ECHO_SECONDS = 60.0
"""A PACS is not asked more often than that, however many pages are open."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a part, or why there are none."""

    rows: Sequence[object] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node as the page shows it."""

    name: str
    kind: str
    ae_title: str
    address: str
    echo_state: str
    echo_detail: str
    service_state: str | None = None
    service_detail: str = ""


def part(rows: Callable[[], Sequence[object]]) -> Part:
    """Return the part that `rows` makes."""
    try:
        return Part(rows=rows())
    except Unavailable as error:
        return Part(problem=str(error))


def node_rows(context: Context, *, echo: bool) -> list[NodeRow]:
    """Return all nodes; with `echo`, after asking those that should be running."""
    with context.transaction() as session:
        store_nodes = session.scalars(select(StoreNode).order_by(StoreNode.name)).all()
        remote_nodes = session.scalars(select(RemoteNode).order_by(RemoteNode.name)).all()
    store_targets = {node.id: target_of_store_node(node, context.settings) for node in store_nodes if node.enabled}
    remote_targets = {node.id: target_of_remote_node(node) for node in remote_nodes}
    results: dict[Target, EchoResult] = {}
    if echo:
        results = context.echoes.look(
            dict.fromkeys(store_targets.values(), KEEP_STORE_ECHO_SECONDS)
            | dict.fromkeys(remote_targets.values(), KEEP_REMOTE_ECHO_SECONDS)
        )
    rows = [_store_row(node, store_targets.get(node.id), results, context) for node in store_nodes]
    return rows + [_remote_row(node, remote_targets[node.id], results) for node in remote_nodes]


def object_rows(context: Context) -> Sequence[object]:
    """Return the latest received objects."""
    with context.transaction() as session:
        return find_received_objects(session, ReceivedObjectQuery(limit=ROWS)).items


def study_rows(context: Context) -> Sequence[object]:
    """Return the studies that were stored last."""
    with context.transaction() as session:
        return find_studies(session, StudyQuery(limit=ROWS)).items


def _store_row(node: StoreNode, target: Target | None, results: dict[Target, EchoResult], context: Context) -> NodeRow:
    echo_state, echo_detail = ("disabled", "") if target is None else _echo(target, results)
    return NodeRow(
        name=node.name,
        kind="store node" if node.managed else "store node of a third party",
        ae_title=node.ae_title,
        address=f"{node.host or context.settings.store_scp_host}:{node.port}",
        echo_state=echo_state,
        echo_detail=echo_detail,
        service_state=node.state if node.managed else None,
        service_detail=node.state_detail,
    )


def _remote_row(node: RemoteNode, target: Target, results: dict[Target, EchoResult]) -> NodeRow:
    echo_state, echo_detail = _echo(target, results)
    return NodeRow(
        name=node.name,
        kind="remote node",
        ae_title=node.ae_title,
        address=f"{node.address}:{node.port}",
        echo_state=echo_state,
        echo_detail=echo_detail,
    )


def _echo(target: Target, results: dict[Target, EchoResult]) -> tuple[str, str]:
    result = results.get(target)
    return ("asking", "") if result is None else (result.state, f"{result.detail} ({result.duration_ms} ms)")
