import pika
import pytest

from shared.broker.connection import connect, open_channel
from shared.broker.topology import CHECK, IMPORT, QR, RETRY_DELAYS, declare
from shared.errors import Unavailable

pytestmark = pytest.mark.integration


def test_declaring_twice_changes_nothing(amqp_url: str) -> None:
    connection = connect(amqp_url=amqp_url, name="test")
    channel = open_channel(connection)
    declare(channel)
    for queue in (IMPORT, QR, CHECK):
        for name in (queue.work, queue.dead, *(queue.retry(delay) for delay in RETRY_DELAYS)):
            assert channel.queue_declare(name, passive=True).method.message_count == 0
    connection.close()


def test_queues_are_quorum_queues(amqp_url: str) -> None:
    connection = connect(amqp_url=amqp_url, name="test")
    channel = open_channel(connection)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="x-queue-type"):
        channel.queue_declare(IMPORT.dead, durable=True)
    connection.close()


def test_a_broker_that_is_away_is_named_as_such(free_port: int) -> None:
    with pytest.raises(Unavailable, match=f"no connection to RabbitMQ at 127.0.0.1:{free_port}"):
        connect(amqp_url=f"amqp://guest:guest@127.0.0.1:{free_port}/", name="test")
