"""The connection to RabbitMQ, and the errors of pika that mean that the broker is away."""

import socket

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from shared.broker.topology import declare
from shared.errors import Unavailable

BROKER_ERRORS = (AMQPError, OSError)
"""The errors that pika raises when the broker, the network or the channel fails."""


def connect(*, amqp_url: str, name: str) -> BlockingConnection:
    """Open a connection; the broker's management page shows it under `name`.

    Raises:
        Unavailable: the broker does not answer, or refuses us; the text has its reason.
    """
    parameters = pika.URLParameters(amqp_url)
    parameters.client_properties = {"connection_name": name}
    parameters.socket_timeout = 5
    parameters.stack_timeout = 10
    parameters.blocked_connection_timeout = 60
    if "heartbeat=" not in amqp_url:
        parameters.heartbeat = 30
    try:
        return BlockingConnection(parameters)
    except (*BROKER_ERRORS, socket.gaierror) as error:
        where = f"{parameters.host}:{parameters.port}"
        raise Unavailable(f"no connection to RabbitMQ at {where}: {describe(error)}") from error


def open_channel(connection: BlockingConnection) -> BlockingChannel:
    """Open a channel with publisher confirms on the declared topology."""
    channel = connection.channel()
    declare(channel)
    channel.confirm_delivery()
    return channel


def describe(error: BaseException) -> str:
    """Return a short text of a pika error; several of them have an empty `str`."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
