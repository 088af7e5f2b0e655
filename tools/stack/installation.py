"""Dosewire on this machine without Docker: two servers, the database's schema, four services."""

import fcntl
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.database.migrate import upgrade
from shared.errors import DosewireError, SettingsError
from shared.settings import AmqpUrl, DatabaseUrl, EnvironmentSettings, Port, load
from tools.stack.api import Api
from tools.stack.errors import StackError
from tools.stack.hash_key import hash_key_file
from tools.stack.ports import LOOPBACK, free_port, is_free
from tools.stack.postgres import PrivatePostgres
from tools.stack.processes import SERVICES, ServiceProcess, stop_all
from tools.stack.progress import Progress
from tools.stack.rabbitmq import PrivateRabbitMQ

DATABASE = "dosewire"
DEFAULT_HTTP_PORT = 8080


class Given(EnvironmentSettings):
    """The settings of an installation from the environment."""

    database_url: DatabaseUrl | None = None
    amqp_url: AmqpUrl | None = None
    http_port: Port | None = None


class Installation:
    """Servers and services around one data folder; whatever a `DOSEWIRE_` variable gives is taken from there.

    `DOSEWIRE_DATABASE_URL` and `DOSEWIRE_AMQP_URL` name servers to use in place of private ones. All other
    `DOSEWIRE_` variables go to the services.
    """

    def __init__(self, *, folder: Path, environ: Mapping[str, str], progress: Progress, keep: bool) -> None:
        """`keep` says that the data is to last: servers are durable and stopped cleanly.

        Raises:
            StackError: a variable is wrong.
        """
        self._folder = folder
        try:
            self._given = load(Given, environ)
        except SettingsError as error:
            raise StackError("\n".join(error.problems)) from None
        decided_here = {f"DOSEWIRE_{name}{suffix}".upper() for name in Given.model_fields for suffix in ("", "_file")}
        self._for_services = {
            name.removeprefix("DOSEWIRE_").lower(): value
            for name, value in environ.items()
            if name.startswith("DOSEWIRE_") and name not in decided_here and not name.startswith("DOSEWIRE_TEST_")
        }
        self._progress = progress
        self._keep = keep
        self._postgres: PrivatePostgres | None = None
        self._rabbitmq: PrivateRabbitMQ | None = None
        self._services: list[ServiceProcess] = []
        self._lock: int | None = None
        self._http_port = 0

    @property
    def api(self) -> Api:
        """The REST API of config_api."""
        return Api(host=LOOPBACK, port=self._http_port)

    @property
    def logs(self) -> Path:
        """Where the services' logs are."""
        return self._folder / "logs"

    def start(self) -> None:
        """Starts everything, in order, and waits until every service is ready.

        Raises:
            StackError: something cannot start; the message says what, and what to do.
        """
        self._take_folder()
        self._check_http_port()
        settings = {**self._for_services, "data_dir": str(self._folder)}
        settings["database_url"] = self._database_url()
        settings["amqp_url"] = self._amqp_url()
        if not settings.keys() & {"privacy_hash_key", "privacy_hash_key_file"}:
            settings["privacy_hash_key_file"] = str(hash_key_file(self._folder))
        with self._progress.step("Bringing the database up to date"):
            try:
                upgrade(database_url=settings["database_url"])
            except DosewireError as error:
                raise StackError(f"the database cannot be brought up to date: {error}") from error
        with self._progress.step(f"Starting the services {', '.join(SERVICES)}"):
            self._start_services(settings)

    def stop(self) -> None:
        """Stops the services, then the servers."""
        stop_all(self._services)
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                server.stop() if self._keep else server.kill()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def check(self) -> None:
        """Raises StackError when a service or a server has ended."""
        for service in self._services:
            service.check()
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                server.check()

    def service(self, name: str) -> ServiceProcess:
        """One of the services."""
        return next(process for process in self._services if process.service == name)

    def wait(self, condition: Callable[[], bool], *, for_what: str, timeout_s: float) -> None:
        """Waits until the condition holds; raises StackError when a process ends or time runs out."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise StackError(f"{for_what}: not after {timeout_s:.0f} s. The services' logs are in {self.logs}")
            time.sleep(0.2)

    def _check_http_port(self) -> None:
        wanted = self._given.http_port
        if wanted is not None and not is_free(wanted):
            raise StackError(f"DOSEWIRE_HTTP_PORT: port {wanted} is in use; name another one, or leave it out")

    def _take_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Dosewire already runs on {self._folder}. Stop it, or name another folder in DOSEWIRE_DATA_DIR"
            ) from None

    def _database_url(self) -> str:
        if self._given.database_url is not None:
            self._progress.say("PostgreSQL: the one that DOSEWIRE_DATABASE_URL names")
            return self._given.database_url.get_secret_value()
        self._postgres = PrivatePostgres(folder=self._folder / "postgres", durable=self._keep)
        with self._progress.step("Starting a private PostgreSQL"):
            self._postgres.start()
            if not self._postgres.has_database(DATABASE):
                self._postgres.create_database(DATABASE)
        return self._postgres.url(DATABASE)

    def _amqp_url(self) -> str:
        if self._given.amqp_url is not None:
            self._progress.say("RabbitMQ: the one that DOSEWIRE_AMQP_URL names")
            return self._given.amqp_url.get_secret_value()
        self._rabbitmq = PrivateRabbitMQ(folder=self._folder / "rabbitmq")
        with self._progress.step("Starting a private RabbitMQ"):
            self._rabbitmq.start()
        return self._rabbitmq.amqp_url

    def _start_services(self, settings: dict[str, str]) -> None:
        self._http_port = self._given.http_port or free_port(preferred=DEFAULT_HTTP_PORT)
        ports = {service: free_port() for service in SERVICES}
        own = {
            "config_api": {
                "http_host": LOOPBACK,
                "http_port": str(self._http_port),
                "service_health_urls": ",".join(
                    f"{service}=http://{LOOPBACK}:{port}" for service, port in ports.items() if service != "config_api"
                ),
            }
        }
        common = {"log_format": "console", "dicom_bind": LOOPBACK}
        for service in SERVICES:
            process = ServiceProcess(
                service=service,
                settings=common | own.get(service, {}) | settings | {"health_port": str(ports[service])},
                log_file=self.logs / f"{service}.log",
            )
            self._services.append(process)
            process.start()
        for process in self._services:
            process.wait_ready()
