import time
from pathlib import Path

import pika
import pytest

from services.config_api.status import overview
from shared.broker.connection import connect
from shared.broker.publisher import Publisher
from shared.broker.topology import EXCHANGE, IMPORT
from shared.database.base import now
from shared.database.models import ObjectState, RemoteNode, StoreNode, StoreNodeState
from shared.spool.folders import Spool
from tests.helpers.config_api.rest import RunningApi, received_object
from tests.helpers.services import Services
from tools.peers.raw_peer import RawPeer
from tools.peers.real_pacs import Storescp

pytestmark = pytest.mark.integration


def test_queues_before_anything_is_declared(api: RunningApi) -> None:
    assert api.get("/queues")["items"] == [
        {"name": "import", "work": None, "retry": None, "dead": None},
        {"name": "qr", "work": None, "retry": None, "dead": None},
        {"name": "check", "work": None, "retry": None, "dead": None},
    ]


def test_looking_declares_nothing(api: RunningApi, amqp_url: str) -> None:
    api.get("/queues")
    connection = connect(amqp_url=amqp_url, name="test")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="NOT_FOUND"):
        connection.channel().queue_declare(IMPORT.work, passive=True)
    connection.close()


def test_messages_are_counted_where_they_lie(api: RunningApi, amqp_url: str) -> None:
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        publisher.depth(IMPORT.work)  # declares
    connection = connect(amqp_url=amqp_url, name="test")
    channel = connection.channel()
    channel.confirm_delivery()
    for queue in (IMPORT.work, IMPORT.work, IMPORT.retry(300), IMPORT.retry(1800), IMPORT.retry(1800), IMPORT.dead):
        channel.basic_publish(EXCHANGE, queue, b"{}", mandatory=True)
    connection.close()
    (depth,) = [queue for queue in api.get("/queues")["items"] if queue["name"] == "import"]
    assert depth == {"name": "import", "work": 2, "retry": 3, "dead": 1}
    assert "1 messages in the dead-letter queue of import" in api.get("/status")["warnings"][0]


def test_everything_in_one_look(
    api: RunningApi, services: Services, data_dir: Path, tmp_path: Path, free_port: int
) -> None:
    services.start("qr")
    spool = Spool(root=data_dir)
    spool.prepare()
    with spool.receive() as reception:
        reception.commit()
    api.add(received_object(), received_object(), received_object(state=ObjectState.REFUSED))
    api.add(RemoteNode(name="PACS", ae_title="PACS", ip_address="127.0.0.1", port=free_port))
    api.add(StoreNode(name="CT hall", ae_title="DOSEWIRE", port=11112, state=StoreNodeState.ALIVE, state_at=now()))
    api.add(StoreNode(name="Spare", ae_title="SPARE", port=1, enabled=False))
    with Storescp(folder=tmp_path / "scp", ae_title="ARCHIVE") as storescp:
        api.add(
            StoreNode(name="Archive", ae_title="ARCHIVE", port=storescp.port, managed=False, host="127.0.0.1"),
            StoreNode(name="Old", ae_title="OLD", port=storescp.port, managed=False, host="127.0.0.1", enabled=False),
        )
        status = api.get("/status")
    assert status["ok"] is True
    assert status["down"] == []
    assert status["spool"]["incoming"] == 1
    assert status["objects_last_24_hours"] == {
        "queued": 0, "retrying": 0, "imported": 2, "duplicate": 0, "refused": 1, "failed": 0,
    }  # fmt: skip
    nodes = {node["name"]: node for node in status["nodes"]}
    assert nodes["CT hall"]["echo"]["state"] == "alive"
    assert nodes["CT hall"]["observed"]["state"] == "alive"
    assert nodes["Archive"]["echo"]["state"] == "alive"
    assert nodes["Archive"]["echo"]["detail"] == "answers C-ECHO"
    assert nodes["Spare"]["echo"] is None
    assert nodes["Old"]["echo"] is None
    assert nodes["PACS"]["echo"]["alive"] is False
    assert "nothing listens on 127.0.0.1" in nodes["PACS"]["echo"]["detail"]
    assert status["warnings"] == [f"remote node PACS: {nodes['PACS']['echo']['detail']}"]


def test_a_dead_node_is_down(api: RunningApi) -> None:
    api.add(StoreNode(name="CT hall", ae_title="DOSEWIRE", port=11112))
    status = api.get("/status")
    assert status["ok"] is False
    assert status["down"] == ["store node CT hall: the store_scp service has not reported on it yet"]


def test_slow_nodes_do_not_add_up(api: RunningApi, services: Services) -> None:
    services.start("qr", echo_timeout=1)
    with RawPeer() as one, RawPeer() as other, RawPeer() as third:
        for number, node in enumerate((one, other, third)):
            api.add(RemoteNode(name=f"PACS {number}", ae_title="PACS", ip_address="127.0.0.1", port=node.port))
        began = time.monotonic()
        nodes = api.get("/status")["nodes"]
    assert time.monotonic() - began < overview.ECHO_PATIENCE
    assert [node["echo"]["state"] for node in nodes] == ["association fail"] * 3


def test_without_qr_a_remote_node_is_not_known(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "ECHO_PATIENCE", 0.5)
    api.add(RemoteNode(name="PACS", ae_title="PACS", ip_address="127.0.0.1", port=104))
    status = api.get("/status")
    (node,) = status["nodes"]
    assert node["echo"] == {
        "alive": None,
        "state": "no answer yet",
        "detail": "asked, no answer yet: is the qr service running?",
        "duration_ms": None,
    }
    assert status["ok"] is True
    assert status["warnings"] == ["remote node PACS: asked, no answer yet: is the qr service running?"]


@pytest.mark.parametrize("missing", ["database_url", "amqp_url"])
def test_what_is_away_is_down(database_url: str, amqp_url: str, data_dir: Path, missing: str) -> None:
    away = {"database_url": "postgresql+psycopg2://x@127.0.0.1:1/x", "amqp_url": "amqp://x:x@127.0.0.1:1/"}
    urls = {"database_url": database_url, "amqp_url": amqp_url} | {missing: away[missing]}
    running = RunningApi(data_dir=data_dir, **urls)
    status = running.get("/status")
    running.close()
    assert status["ok"] is False
    assert status["down"] == [{"database_url": "PostgreSQL is away", "amqp_url": "RabbitMQ is away"}[missing]]
    assert (status["nodes"] is None) == (missing == "database_url")
    assert (status["queues"] is None) == (missing == "amqp_url")
