"""One PostgreSQL and one RabbitMQ for a whole test session, whatever number of workers it has.

The session's first process (pytest-xdist's controller, or the only one) owns them: a thread of it waits for
workers to ask over a Unix socket, and starts a server when the first test asks for it. So a run of unit tests
starts none, no worker depends on how long another one lives, and the servers end with the session.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import NamedTuple

from shared.database.migrate import upgrade
from tools.stack.errors import StackError
from tools.stack.postgres import PrivatePostgres, create_database, drop_database
from tools.stack.rabbitmq import PrivateRabbitMQ

DATABASE_VARIABLE = "DOSEWIRE_TEST_DATABASE_URL"
AMQP_VARIABLE = "DOSEWIRE_TEST_AMQP_URL"
API_VARIABLE = "DOSEWIRE_TEST_RABBITMQ_API_URL"
_SOCKET_VARIABLE = "DOSEWIRE_TEST_SERVERS_SOCKET"
_KEY_VARIABLE = "DOSEWIRE_TEST_SERVERS_KEY"


class DatabaseServer(NamedTuple):
    """A PostgreSQL server: the URL of a database to give orders in, the name of the migrated template."""

    url: str
    template: str


class Broker(NamedTuple):
    """A RabbitMQ: its URL, and its management plugin's (None: the usual port of the same host)."""

    amqp_url: str
    api_url: str | None


class SessionServers:
    """The owner of the session's servers. `start` it once; workers find it through the environment."""

    def __init__(self) -> None:
        # Short (a socket's path has 107 characters at most), and passable for the user postgres.
        self._folder = Path(tempfile.mkdtemp(prefix="dosewire-test-"))
        self._folder.chmod(0o711)
        self._key = secrets.token_bytes(16)
        self._postgres: PrivatePostgres | None = None
        self._rabbitmq: PrivateRabbitMQ | None = None
        self._database_server: DatabaseServer | None = None
        self._broker: Broker | None = None
        self._listener = Listener(str(self._folder / "socket"), authkey=self._key)
        # The kernel ends the servers when this thread ends, so it lives as long as the session.
        self._thread = threading.Thread(target=self._serve, name="session-servers", daemon=True)

    def start(self) -> None:
        """Takes requests from now on."""
        os.environ[_SOCKET_VARIABLE] = str(self._folder / "socket")
        os.environ[_KEY_VARIABLE] = self._key.hex()
        self._thread.start()

    def close(self) -> None:
        """Ends the servers and removes their files."""
        _ask("close")
        self._thread.join()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        try:
            while True:
                # A worker that was killed in mid-request is no reason to stop.
                with contextlib.suppress(OSError, EOFError), self._listener.accept() as connection:
                    request = connection.recv()
                    if request == "close":
                        self._end_servers()
                        connection.send(None)
                        return
                    self._answer(connection, request)
        finally:
            self._end_servers()

    def _answer(self, connection: Connection, request: str) -> None:
        try:
            connection.send(self.database_server() if request == "database" else self.broker())
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker that asked reports it
            connection.send(StackError(f"{type(error).__name__}: {error}"))

    def database_server(self) -> DatabaseServer:
        """The server, started and with its migrated template."""
        if self._database_server is None:
            url = os.environ.get(DATABASE_VARIABLE, "").replace("postgresql://", "postgresql+psycopg2://", 1)
            if not url:
                self._postgres = PrivatePostgres(folder=self._folder / "postgres", durable=False)
                self._postgres.start()
                url = self._postgres.url("postgres")
            template = f"dosewire_template_{secrets.token_hex(4)}"
            create_database(url, template)
            upgrade(database_url=database_of(url, template))
            self._database_server = DatabaseServer(url, template)
        return self._database_server

    def broker(self) -> Broker:
        """The broker, started."""
        if self._broker is None:
            url = os.environ.get(AMQP_VARIABLE)
            if url is None:
                self._rabbitmq = PrivateRabbitMQ(folder=self._folder / "rabbitmq")
                self._rabbitmq.start()
                self._broker = Broker(self._rabbitmq.amqp_url, self._rabbitmq.api_url)
            else:
                self._broker = Broker(url, os.environ.get(API_VARIABLE))
        return self._broker

    def _end_servers(self) -> None:
        if self._postgres is not None:
            self._postgres.kill()
        elif self._database_server is not None:
            drop_database(self._database_server.url, self._database_server.template)
        if self._rabbitmq is not None:
            self._rabbitmq.kill()
        self._database_server = None


def session_database_server() -> DatabaseServer:
    """The session's PostgreSQL; starts it where nobody asked before."""
    answer = _ask("database")
    assert isinstance(answer, DatabaseServer)
    return answer


def session_broker() -> Broker:
    """The session's RabbitMQ; starts it where nobody asked before."""
    answer = _ask("broker")
    assert isinstance(answer, Broker)
    return answer


def database_of(server_url: str, database: str) -> str:
    """The URL of another database of the same server."""
    head, slash, query = server_url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}{slash}{query}"


def _ask(request: str) -> object:
    with Client(os.environ[_SOCKET_VARIABLE], authkey=bytes.fromhex(os.environ[_KEY_VARIABLE])) as connection:
        connection.send(request)
        answer = connection.recv()
    if isinstance(answer, StackError):
        raise answer
    return answer
