"""A publisher of messages with confirms: `publish` returns only when the broker has stored the message on disk.

A `Publisher` belongs to one thread (pika's rule). Where it is idle for longer, `keep_alive` answers the heartbeats.
"""

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import NackError, UnroutableError

from shared.broker.connection import BROKER_ERRORS, connect, describe, open_channel
from shared.broker.topology import EXCHANGE, WORK_QUEUES
from shared.errors import Unavailable
from shared.messages import Message

PERSISTENT = 2


class Publisher:
    """Connects when it is first used and again after a failure. A context manager."""

    def __init__(self, *, amqp_url: str, name: str) -> None:
        self._amqp_url = amqp_url
        self._name = name
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None

    def publish(self, message: Message) -> None:
        """Publish to the message's work queue.

        Raises:
            Unavailable: the broker is away or did not take it; whether it has the message is unknown.
        """
        channel = self._open()
        try:
            channel.basic_publish(
                EXCHANGE,
                routing_key=WORK_QUEUES[message.queue].work,
                body=message.model_dump_json(exclude_none=True).encode(),
                properties=pika.BasicProperties(content_type="application/json", delivery_mode=PERSISTENT),
                mandatory=True,
            )
        except (UnroutableError, NackError, *BROKER_ERRORS) as error:
            self.close()
            raise Unavailable(f"RabbitMQ did not take the message: {describe(error)}") from error

    def depth(self, queue: str) -> int:
        """Return the number of messages that are ready in a queue, by its full name.

        Raises:
            Unavailable: the broker is away or has no such queue.
        """
        channel = self._open()
        try:
            return int(channel.queue_declare(queue, passive=True).method.message_count)
        except BROKER_ERRORS as error:
            self.close()
            raise Unavailable(f"RabbitMQ does not answer for {queue}: {describe(error)}") from error

    def keep_alive(self) -> None:
        """Answer heartbeats; due more often than every 30 seconds where nothing is published."""
        if self._connection is None:
            return
        try:
            self._connection.process_data_events(time_limit=0)
        except BROKER_ERRORS:
            self.close()

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            try:
                connection.close()
            except BROKER_ERRORS:
                return  # it is gone, which is what we want

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _open(self) -> BlockingChannel:
        if self._channel is None or not self._channel.is_open:
            self.close()
            self._connection = connect(amqp_url=self._amqp_url, name=self._name)
            try:
                self._channel = open_channel(self._connection)
            except BROKER_ERRORS as error:
                self.close()
                raise Unavailable(f"RabbitMQ refuses our queues: {describe(error)}") from error
        return self._channel
