from dataclasses import replace

from services.config_api.status.echo_status import NO_ANSWER_YET, EchoStatus
from services.config_api.status.node_status import NodeKind, NodeStatus
from services.config_api.status.observation import Observation
from services.config_api.status.overview import Overview
from services.config_api.status.service_health import ServiceHealth
from services.config_api.status.spool_state import SpoolState
from services.config_api.web.queue_depths import QueueDepth
from shared.database.models import StoreNodeState

ALIVE = EchoStatus(alive=True, detail="answers C-ECHO", duration_ms=3)
ROOM = SpoolState(incoming=5, quarantine=0, commitment_requests=2, overdue_commitment_requests=0, free_bytes=10**9)
SILENT = EchoStatus(alive=False, detail="nothing listens", duration_ms=3)


def node(
    *,
    kind: NodeKind = NodeKind.STORE,
    managed: bool = True,
    enabled: bool = True,
    echo: EchoStatus | None,
    observation: Observation | None = None,
) -> NodeStatus:
    return NodeStatus(
        id=1, name="CT", kind=kind, ae_title="CT", host="127.0.0.1", port=104, managed=managed, enabled=enabled,
        observation=observation, echo=echo,
    )  # fmt: skip


def overview(
    *,
    services: tuple[ServiceHealth, ...] = (ServiceHealth("importer", ready=True),),
    nodes: tuple[NodeStatus, ...] | None = (node(echo=ALIVE),),
    queues: tuple[QueueDepth, ...] | None = (QueueDepth("import", 5, 1, 0),),
    spool: SpoolState | None = ROOM,
) -> Overview:
    return Overview(services=services, nodes=nodes, queues=queues, objects={}, spool=spool)


def test_work_that_waits_is_no_problem() -> None:
    assert overview().down == []
    assert overview().warnings == []
    assert overview(spool=None).warnings == []


def test_what_is_down() -> None:
    seen = overview(
        services=(ServiceHealth("importer", ready=False, detail="database: away"),),
        nodes=(node(echo=SILENT),),
    )
    assert seen.down == ["service importer: database: away", "store node CT: nothing listens"]
    assert overview(nodes=None, queues=None).down == ["PostgreSQL is away", "RabbitMQ is away"]


def test_a_disabled_node_is_not_down() -> None:
    assert overview(nodes=(node(enabled=False, echo=None),)).down == []


def test_what_others_run_is_only_noted() -> None:
    seen = overview(nodes=(node(kind=NodeKind.REMOTE, managed=False, echo=SILENT),))
    assert seen.down == []
    assert seen.warnings == ["remote node CT: nothing listens"]
    seen = overview(nodes=(node(kind=NodeKind.REMOTE, managed=False, echo=NO_ANSWER_YET),))
    assert seen.down == []
    assert seen.warnings == ["remote node CT: asked, no answer yet: is the qr service running?"]


def test_what_needs_a_person_is_noted() -> None:
    seen = overview(
        queues=(QueueDepth("import", 0, 0, 2),),
        spool=replace(ROOM, quarantine=3, overdue_commitment_requests=1),
    )
    assert seen.down == []
    assert [warning.split(":")[0] for warning in seen.warnings] == [
        "2 messages in the dead-letter queue of import",
        "3 objects in quarantine",
        "storage commitment requests that have waited for more than an hour",
    ]


def test_a_dead_letter_is_looked_for_where_it_can_be_seen() -> None:
    seen = overview(queues=(QueueDepth("import", 0, 0, 1), QueueDepth("check", 0, 0, 1)))
    assert [warning.split(": ")[1] for warning in seen.warnings] == [
        "see the received objects",
        "see the log of the qr service",
    ]


def test_what_a_node_that_is_alive_says_is_noted() -> None:
    words = "receives nothing: the disk has 512.0 MiB left, and 1.0 GiB must stay free"
    seen = overview(nodes=(node(echo=ALIVE, observation=Observation(StoreNodeState.ALIVE, words, None)),))
    assert seen.down == []
    assert seen.warnings == [f"store node CT: {words}"]
    assert overview(nodes=(node(echo=ALIVE, observation=Observation(StoreNodeState.ALIVE, "", None)),)).warnings == []
