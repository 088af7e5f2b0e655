"""A private RabbitMQ: one node, on loopback, beside any broker which already runs."""

import json
import os
import secrets
import shutil
import socket
import time
from pathlib import Path

from tools.stack.child import Child
from tools.stack.errors import StackError
from tools.stack.ports import LOOPBACK, free_port
from tools.stack.vhosts import VirtualHosts

INSTALL_HINT = "RabbitMQ is not installed. An administrator runs: apt-get install rabbitmq-server"
USER = "dosewire"

# /usr/sbin/rabbitmq-server of Debian refuses everybody but root and rabbitmq, and root becomes rabbitmq.
_PLACES = (Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), Path("/opt/rabbitmq/sbin/rabbitmq-server"))


def find_server() -> Path:
    """The program that starts a broker as the calling user."""
    for place in _PLACES:
        if place.exists():
            return place
    raise StackError(INSTALL_HINT)


class PrivateRabbitMQ:
    """A broker with its own node, cookie, name server (epmd), ports and files; works as root or not.

    `folder` keeps everything; start it again on the same folder and queues and messages are still there.
    The ports are remembered in the folder and taken again where they are free.
    """

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._identity: dict[str, str | int] = {}
        self._epmd: Child | None = None
        self._server: Child | None = None

    @property
    def amqp_url(self) -> str:
        """The URL of the default virtual host."""
        return f"amqp://{USER}:{self._identity['password']}@{LOOPBACK}:{self.port}/%2F"

    @property
    def port(self) -> int:
        """The AMQP port."""
        return int(self._identity["amqp_port"])

    @property
    def api_url(self) -> str:
        """The management plugin's address."""
        return f"http://{LOOPBACK}:{self._identity['api_port']}"

    @property
    def log_file(self) -> Path:
        """What the node prints."""
        return self._folder / "log" / "rabbitmq.log"

    @property
    def vhosts(self) -> VirtualHosts:
        """Its virtual hosts."""
        return VirtualHosts(amqp_url=self.amqp_url, api_url=self.api_url)

    def start(self, *, timeout_s: float = 180) -> None:
        """Starts the node and waits until it takes connections."""
        program = find_server()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._identity = self._remembered()
        self._write_configuration()
        environment = self._environment()
        self._epmd = Child(
            name="epmd",
            command=[_epmd(), "-address", LOOPBACK, "-port", str(self._identity["epmd_port"])],
            environment=environment,
            log_file=self._folder / "log" / "epmd.log",
        )
        self._epmd.start()
        self._server = Child(
            name="RabbitMQ",
            command=[program],
            environment=environment,
            log_file=self.log_file,
            working_folder=self._folder,  # where Erlang leaves a crash dump
        )
        self._server.start()
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            self._server.check()
            if time.monotonic() > deadline:
                self.kill()
                raise StackError(
                    f"RabbitMQ does not answer after {timeout_s:.0f} s; "
                    f"the end of {self.log_file}:\n{self._server.tail()}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Stops the node cleanly, then its name server."""
        for child in (self._server, self._epmd):
            if child is not None:
                child.stop(timeout_s=60)

    def kill(self) -> None:
        """Ends node and name server at once, as a power cut would."""
        for child in (self._server, self._epmd):
            if child is not None:
                child.kill()

    def check(self) -> None:
        """Raises StackError with the end of its log when it has ended."""
        if self._server is not None:
            self._server.check()

    def restart(self) -> None:
        """Stops the node and starts it on the same port with its data."""
        self.stop()
        self.start()

    def add_vhost(self, vhost: str) -> str:
        """Makes a virtual host and returns its URL."""
        return self.vhosts.add(vhost)

    def _answers(self) -> bool:
        # Its AMQP listener is the last thing a node opens. A client that offers a protocol version is told
        # the first method (frame type 1) by a node which is ready.
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _remembered(self) -> dict[str, str | int]:
        file = self._folder / "identity.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        identity = {
            "cookie": known.get("cookie") or secrets.token_hex(16),
            "password": known.get("password") or secrets.token_urlsafe(16),
            **{
                name: free_port(preferred=known.get(name))
                for name in ("amqp_port", "api_port", "distribution_port", "epmd_port")
            },
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(identity))
        return identity

    def _write_configuration(self) -> None:
        identity = self._identity
        (self._folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n"
            f"management.tcp.ip = {LOOPBACK}\n"
            f"management.tcp.port = {identity['api_port']}\n"
            f"default_user = {USER}\n"
            f"default_pass = {identity['password']}\n"
            "log.file = false\n"
            "log.console = true\n"
            "log.console.level = info\n"
        )
        cookie = self._folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(str(identity["cookie"]))
            cookie.chmod(0o400)

    def _environment(self) -> dict[str, str]:
        identity = self._identity
        folder = self._folder
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
        return kept | {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(identity["epmd_port"]),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            # Otherwise the start script stays in between and passes signals on by itself.
            "RUNNING_UNDER_SYSTEMD": "true",
            # RabbitMQ's own setting is none, which saves idle time; waking a thread is slow in a virtual
            # machine, and the node takes 10 to 20 s to start there instead of 5.
            "RABBITMQ_SCHEDULER_BUSY_WAIT_THRESHOLD": "long",
            "RABBITMQ_NODENAME": "dosewire@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_DIST_PORT": str(identity["distribution_port"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }


def _epmd() -> str:
    path = shutil.which("epmd")
    if path is None:
        raise StackError("epmd is not installed. An administrator runs: apt-get install erlang-base")
    return path
