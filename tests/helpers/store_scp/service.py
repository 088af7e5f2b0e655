"""The tables, the queue and the processes of the whole Store SCP service, for tests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pika
from sqlalchemy import Engine, create_engine, delete, insert, select, update
from sqlalchemy.pool import NullPool

from services.store_scp.common.definitions import NodeDefinition
from shared.broker.topology import IMPORT
from shared.database.models import ReceivedObject, StoreNode, StoreNodeState
from shared.messages import ImportObject, parse


class StoreScpTables:
    """The tables that the service uses, as an operator would change and read them."""

    def __init__(self, *, database_url: str) -> None:
        self._engine: Engine = create_engine(database_url, poolclass=NullPool)

    def add_node(
        self,
        *,
        port: int,
        name: str = "Main store",
        ae_title: str = "DOSEWIRE",
        enabled: bool = True,
        managed: bool = True,
        keep_alive: bool = True,
    ) -> int:
        """Define a store node; returns its id."""
        values = {"port": port, "name": name, "ae_title": ae_title, "enabled": enabled, "managed": managed}
        with self._engine.begin() as connection:
            statement = insert(StoreNode).values(**values, keep_alive=keep_alive).returning(StoreNode.id)
            return int(connection.execute(statement).scalar_one())

    def change_node(self, node_id: int, **values: object) -> None:
        """Change the definition of a node."""
        with self._engine.begin() as connection:
            connection.execute(update(StoreNode).where(StoreNode.id == node_id).values(**values))

    def remove_node(self, node_id: int) -> None:
        """Delete a node."""
        with self._engine.begin() as connection:
            connection.execute(delete(StoreNode).where(StoreNode.id == node_id))

    def state(self, node_id: int) -> tuple[StoreNodeState, str]:
        """Return what the node was last seen to do, and the detail."""
        with self._engine.connect() as connection:
            query = select(StoreNode.state, StoreNode.state_detail).where(StoreNode.id == node_id)
            row = connection.execute(query).one()
            return row.state, row.state_detail

    def is_alive(self, node_id: int) -> bool:
        """Whether the node was last seen to answer."""
        return self.state(node_id)[0] is StoreNodeState.ALIVE

    def received(self) -> Sequence[ReceivedObject]:
        """Return the rows of received objects, in the order of their reception."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(ReceivedObject.__table__).order_by(ReceivedObject.trace_id))
            return [ReceivedObject(**row) for row in rows.mappings()]


@contextmanager
def channel_to(amqp_url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """Open a channel to the broker."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    try:
        yield connection.channel()
    finally:
        connection.close()


def take_messages(amqp_url: str, *, count: int, timeout_s: float = 20.0) -> list[ImportObject]:
    """Take `count` messages off the import queue, waiting for them."""
    taken: list[ImportObject] = []
    with channel_to(amqp_url) as channel:
        for method, _, body in channel.consume(IMPORT.work, inactivity_timeout=timeout_s):
            assert method is not None, f"{len(taken)} messages of {count} came"
            channel.basic_ack(method.delivery_tag)
            taken.append(parse(ImportObject, body))
            if len(taken) == count:
                break
        channel.cancel()
    return taken


def waiting_messages(amqp_url: str) -> int:
    """Return how many messages are ready in the import queue."""
    with channel_to(amqp_url) as channel:
        return int(channel.queue_declare(IMPORT.work, passive=True).method.message_count)


def node_processes(supervisor_pid: int) -> dict[str, int]:
    """Return the process ids of a supervisor's nodes, by the nodes' names."""
    children = Path(f"/proc/{supervisor_pid}/task/{supervisor_pid}/children").read_text().split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
    return {
        NodeDefinition.model_validate_json(command[3]).name: pid
        for pid, command in commands.items()
        if b"services.store_scp.node" in command
    }
