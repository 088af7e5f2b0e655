from pathlib import Path

import pika
import pytest

from shared.broker.connection import connect
from shared.broker.publisher import Publisher
from shared.broker.topology import EXCHANGE, IMPORT
from shared.database.models import ObjectState, RemoteNode, StoreNode
from shared.spool.folders import Spool
from tests.helpers.config_api.rest import RunningApi, received_object
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


def test_everything_in_one_look(api: RunningApi, data_dir: Path, tmp_path: Path, free_port: int) -> None:
    spool = Spool(root=data_dir)
    spool.prepare()
    with spool.receive() as reception:
        reception.commit()
    api.add(received_object(), received_object(), received_object(state=ObjectState.REFUSED))
    api.add(RemoteNode(name="PACS", ae_title="PACS", ip_address="127.0.0.1", port=free_port))
    with Storescp(folder=tmp_path / "scp", ae_title="DOSEWIRE") as storescp:
        api.add(StoreNode(name="CT hall", ae_title="DOSEWIRE", port=storescp.port))
        api.add(StoreNode(name="Spare", ae_title="SPARE", port=1, enabled=False))
        status = api.get("/status")
    assert status["ok"] is True
    assert status["down"] == []
    assert status["spool"]["incoming"] == 1
    assert status["objects_last_24_hours"] == {
        "queued": 0, "retrying": 0, "imported": 2, "duplicate": 0, "refused": 1, "failed": 0,
    }  # fmt: skip
    nodes = {node["name"]: node for node in status["nodes"]}
    assert nodes["CT hall"]["echo"]["state"] == "alive"
    assert nodes["CT hall"]["observed"]["state"] == "unknown"
    assert nodes["Spare"]["echo"] is None
    assert nodes["PACS"]["echo"]["alive"] is False
    assert status["warnings"] == [f"remote node PACS: {nodes['PACS']['echo']['detail']}"]


def test_a_dead_node_is_down(api: RunningApi, free_port: int) -> None:
    api.add(StoreNode(name="CT hall", ae_title="DOSEWIRE", port=free_port))
    status = api.get("/status")
    assert status["ok"] is False
    assert status["down"] == [
        f"store node CT hall: nothing listens on 127.0.0.1:{free_port}; is it started, is the port right?"
    ]


def test_an_echo_of_one_node(api: RunningApi, tmp_path: Path, free_port: int) -> None:
    with Storescp(folder=tmp_path / "scp", ae_title="DOSEWIRE") as storescp:
        api.add(StoreNode(id=1, name="CT hall", ae_title="DOSEWIRE", port=storescp.port))
        result = api.post("/store-nodes/1/echo", status=200)
    assert result["alive"] is True
    assert (result["host"], result["port"]) == ("127.0.0.1", storescp.port)
    api.add(RemoteNode(id=1, name="PACS", ae_title="PACS", hostname="localhost", port=free_port, calling_ae_title="US"))
    result = api.post("/remote-nodes/1/echo", status=200)
    assert result["alive"] is False
    assert result["state"] == "association fail"
    assert result["calling_ae_title"] == "US"
    api.post("/store-nodes/9/echo", status=404)
    api.post("/remote-nodes/9/echo", status=404)


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
