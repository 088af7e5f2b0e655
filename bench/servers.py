"""The Store SCPs that are measured, each as processes of its own on loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tools.stack.ports import free_port
from tools.stack.programs import system_path

AE_TITLE = "DOSEWIRE"
_START_SECONDS = 30.0


class Server(ABC):
    """A Store SCP that writes below `folder`. A context manager."""

    def __init__(self, *, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of its first process."""
        if self._process is None:
            raise RuntimeError("the server has not been started")
        return self._process.pid

    @abstractmethod
    def command(self) -> list[str]:
        """Return how it is started."""

    @abstractmethod
    def received(self) -> list[Path]:
        """Return the objects it has kept."""

    def environment(self) -> Mapping[str, str]:
        """Return what it finds in its environment beyond ours."""
        return {}

    def __enter__(self) -> Self:
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self.command(),
                env=os.environ | {"PATH": system_path()} | dict(self.environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"{type(self).__name__} does not listen; see {self.folder / 'log'}")
            time.sleep(0.05)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Dosewire(Server):
    """`dosewire store`, durable as in operation.

    Args:
        folder: its spool.
        settings: environment variables without their prefix, in small letters.
    """

    def __init__(self, *, folder: Path, **settings: object) -> None:
        super().__init__(folder=folder)
        self._settings = {"log_level": "warning", **settings}

    def command(self) -> list[str]:
        """Return how it is started."""
        program = "from shared.cli import main; main()"
        options = ["--ae-title", AE_TITLE, "--port", str(self.port), "--spool", str(self.folder)]
        return [sys.executable, "-c", program, "store", *options]

    def environment(self) -> Mapping[str, str]:
        """Return its settings."""
        return {f"DOSEWIRE_{name.upper()}": str(value) for name, value in self._settings.items()}

    def received(self) -> list[Path]:
        """Return the objects in its spool."""
        return sorted((self.folder / "incoming").glob("*.dcm"))


class Storescp(Server):
    """DCMTK's storescp in its fastest mode: a process an association, data sets written as they come, never synced."""

    def command(self) -> list[str]:
        """Return how it is started."""
        program = shutil.which("storescp", path=system_path())
        if program is None:
            raise RuntimeError("storescp is not installed: apt-get install dcmtk")
        (self.folder / "received").mkdir(exist_ok=True)
        options = ["--quiet", "--fork", "+B", "-uf", "-aet", AE_TITLE]
        return [program, *options, "-od", str(self.folder / "received"), str(self.port)]

    def environment(self) -> Mapping[str, str]:
        """Return what switches Nagle's algorithm off, which would only measure its delays."""
        return {"TCP_NODELAY": "1"}

    def received(self) -> list[Path]:
        """Return the files it has written."""
        return sorted((self.folder / "received").iterdir())
