"""A private PostgreSQL on loopback, beside any server which already runs."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 names its class so

from tools.stack.child import Child
from tools.stack.errors import StackError
from tools.stack.ports import LOOPBACK, free_port

INSTALL_HINT = "PostgreSQL is not installed. An administrator runs: apt-get install postgresql"
USER = "dosewire"
SYSTEM_USER = "postgres"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


def find_programs() -> Path:
    """The folder with initdb and postgres, of the newest version that is installed."""
    for place in _PLACES:
        pattern = place.lstrip("/")
        found = [folder for folder in Path("/").glob(pattern) if (folder / "initdb").exists()]
        if found:
            return max(found, key=lambda folder: [int(part) for part in _digits(folder).split(".")])
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    raise StackError(INSTALL_HINT)


class PrivatePostgres:
    """A PostgreSQL server with its own files, port and password; works as root or not.

    PostgreSQL refuses to run as root: root starts it as the user postgres and gives it the files.
    It opens no Unix socket. `durable=False` turns fsync off and is for tests only: what was committed may
    then be lost when the machine, not just the server, goes down.
    """

    def __init__(self, *, folder: Path, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self._identity: dict[str, str | int] = {}
        self._server: Child | None = None

    @property
    def port(self) -> int:
        """The TCP port."""
        return int(self._identity["port"])

    @property
    def log_file(self) -> Path:
        """What the server prints."""
        return self._folder / "postgres.log"

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg2://{USER}:{self._identity['password']}@{LOOPBACK}:{self.port}/{database}"

    def start(self, *, timeout_s: float = 60) -> None:
        """Makes the data folder where there is none, starts the server and waits until it answers."""
        programs = find_programs()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._identity = self._remembered()
        data = self._folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        self._server = Child(
            name="PostgreSQL",
            command=[programs / "postgres", "-D", data, *self._options()],
            environment=_environment(),
            log_file=self.log_file,
            working_folder=Path("/"),
            privileges=_privileges(data),
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, writes a checkpoint
            death_signal=signal.SIGINT,
        )
        self._server.start()
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            self._server.check()
            if time.monotonic() > deadline:
                self._server.kill()
                raise StackError(
                    f"PostgreSQL does not answer after {timeout_s:.0f} s; "
                    f"the end of {self.log_file}:\n{self._server.tail()}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Stops the server cleanly."""
        if self._server is not None:
            self._server.stop(timeout_s=60)

    def kill(self) -> None:
        """Ends the server at once, as a power cut would; the next start recovers."""
        if self._server is not None:
            self._server.kill()

    def check(self) -> None:
        """Raises StackError with the end of its log when it has ended."""
        if self._server is not None:
            self._server.check()

    def restart(self) -> None:
        """Stops the server and starts it on the same port with its data."""
        self.stop()
        self.start()

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Makes a database, a copy of `template`, and returns its URL."""
        create_database(self.url("postgres"), name, template=template)
        return self.url(name)

    def has_database(self, name: str) -> bool:
        """Whether it has a database of this name."""
        with _administration(self.url("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            return cursor.fetchone() is not None

    def _options(self) -> list[str]:
        settings = {"listen_addresses": LOOPBACK, "port": str(self.port), "unix_socket_directories": ""}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError), _administration(self.url("postgres")):
            return True
        return False

    def _remembered(self) -> dict[str, str | int]:
        file = self._folder / "identity.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        identity: dict[str, str | int] = {
            "password": known.get("password") or secrets.token_urlsafe(16),
            "port": free_port(preferred=known.get("port")),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(identity))
        return identity

    def _initialise(self, programs: Path, data: Path) -> None:
        data.mkdir(mode=0o700, exist_ok=True)
        secret = self._folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(str(self._identity["password"]))
        if os.geteuid() == 0:
            shutil.chown(data, SYSTEM_USER, SYSTEM_USER)
            shutil.chown(secret, SYSTEM_USER, SYSTEM_USER)
        command = [programs / "initdb", "-D", data, "--username", USER, "--auth=scram-sha-256"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={secret}"]
        command += [] if self._durable else ["--no-sync"]
        done = subprocess.run(
            ["setpriv", *_privileges(data), "--", *map(str, command)],
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        secret.unlink()
        if done.returncode != 0:
            shutil.rmtree(data)
            raise StackError(f"PostgreSQL cannot make a database cluster in {data}:\n{done.stdout}{done.stderr}")


def create_database(server_url: str, name: str, *, template: str = "template0") -> None:
    """Makes a database, a copy of `template`, on the server that `server_url` names."""
    with _administration(server_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(server_url: str, name: str) -> None:
    """Drops a database and ends connections that still use it."""
    with _administration(server_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def _administration(url: str) -> Iterator[Connection]:
    connection = psycopg2.connect(url.replace("postgresql+psycopg2://", "postgresql://", 1), connect_timeout=10)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def _privileges(data: Path) -> list[str]:
    """What setpriv is told so that the server runs as a user PostgreSQL accepts."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise StackError(f"the user {SYSTEM_USER} is missing. {INSTALL_HINT}") from None
    options = ["--reuid", SYSTEM_USER, "--regid", SYSTEM_USER, "--init-groups"]
    if all(folder.stat().st_mode & 0o001 for folder in data.resolve().parents):
        return options
    # A checkout below /root, say: postgres may not pass through, so it keeps root's right to do so.
    return [*options, "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]


def _environment() -> dict[str, str]:
    # Nothing of PGPORT, PGDATA and the like that may be set for another server.
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _digits(folder: Path) -> str:
    return "".join(c for c in folder.parent.name.removeprefix("pgsql-") if c.isdigit() or c == ".") or "0"
