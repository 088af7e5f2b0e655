"""The private RabbitMQ: messages that last, virtual hosts, and nothing left behind."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pika
import pytest
from pika.exceptions import AMQPConnectionError, ProbableAccessDeniedError

from tests.helpers.servers import session_broker
from tools.stack.ports import is_free
from tools.stack.rabbitmq import PrivateRabbitMQ
from tools.stack.vhosts import VirtualHosts

pytestmark = pytest.mark.integration


def connect(url: str) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(url))


def test_messages_survive_stop_and_kill_on_the_same_ports(
    rabbitmq_server: PrivateRabbitMQ, server_folder: Path
) -> None:
    url = rabbitmq_server.add_vhost("kept")
    with connect(url) as connection:
        channel = connection.channel()
        channel.queue_declare("q", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "q", b"hello")
    ports = json.loads((server_folder / "rabbitmq" / "identity.json").read_text())
    rabbitmq_server.stop()
    assert all(is_free(ports[name]) for name in ports if name.endswith("port"))
    rabbitmq_server.start()
    rabbitmq_server.kill()
    assert all(is_free(ports[name]) for name in ports if name.endswith("port"))
    rabbitmq_server.start()
    with connect(url) as connection:
        assert connection.channel().basic_get("q", auto_ack=True)[2] == b"hello"


def test_virtual_hosts_come_and_go() -> None:
    broker = session_broker()
    vhosts = VirtualHosts(amqp_url=broker.amqp_url, api_url=broker.api_url)
    url = vhosts.add("come/go")
    connect(url).close()
    vhosts.delete("come/go")
    with pytest.raises((AMQPConnectionError, ProbableAccessDeniedError)):
        connect(url)


def test_two_run_side_by_side(rabbitmq_server: PrivateRabbitMQ, amqp_url: str) -> None:
    vhost = unquote(urlsplit(amqp_url).path.removeprefix("/"))
    connect(amqp_url).close()
    with pytest.raises((AMQPConnectionError, ProbableAccessDeniedError)):
        connect(rabbitmq_server.vhosts.url(vhost))
