"""Dosewire's services as processes: started, awaited until ready, stopped, and with the reason where one died."""

import http.client
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.stack.child import Child
from tools.stack.errors import StackError
from tools.stack.ports import LOOPBACK, free_port

CHECKOUT = Path(__file__).resolve().parents[2]

SERVICES = ("store_scp", "importer", "qr", "config_api")
"""In the order in which they start."""


class ServiceProcess:
    """One `python -m services.NAME` with its environment, its log file and its health port."""

    def __init__(self, *, service: str, settings: Mapping[str, str], log_file: Path) -> None:
        """`settings` are environment variables of ours without the prefix: `{"database_url": ...}`."""
        self.service = service
        self.settings = {"health_port": str(free_port()), **settings}
        self._child = Child(
            name=service,
            command=[sys.executable, "-m", f"services.{service}"],
            environment=_inherited() | {f"DOSEWIRE_{name.upper()}": value for name, value in self.settings.items()},
            log_file=log_file,
            working_folder=CHECKOUT,
        )

    @property
    def log_file(self) -> Path:
        """What it prints."""
        return self._child.log_file

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child.running

    @property
    def exit_status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._child.exit_status

    def start(self) -> None:
        """Starts it; `wait_ready` says when it works."""
        self._child.start()

    def ask_to_end(self) -> None:
        """Sends SIGTERM and does not wait."""
        if self.running:
            self._child.signal(signal.SIGTERM)

    def stop(self, *, timeout_s: float = 20) -> None:
        """Asks it to end (SIGTERM), kills it when it has not after `timeout_s` seconds."""
        self._child.stop(timeout_s=timeout_s)

    def kill(self) -> None:
        """Ends it and every process it started, at once (SIGKILL)."""
        self._child.kill()

    def check(self) -> None:
        """Raises StackError with the end of its log when it has ended."""
        self._child.check()

    def tail(self) -> str:
        """The end of its log."""
        return self._child.tail()

    def ready(self) -> bool:
        """Whether it says that it is able to work."""
        return self.get("/readyz")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of `/healthz`, `/readyz` or `/metrics`; status 0 when nobody answers."""
        connection = http.client.HTTPConnection(LOOPBACK, int(self.settings["health_port"]), timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def wait_ready(self, *, timeout_s: float = 60) -> None:
        """Waits until it is able to work.

        Raises:
            StackError: it ended, or is not ready in time; with the end of its log.
        """
        deadline = time.monotonic() + timeout_s
        while not self.ready():
            self.check()
            if time.monotonic() > deadline:
                state = self.get("/readyz")[1] or "no answer"
                raise StackError(
                    f"{self.service} is not ready after {timeout_s:.0f} s: {state}\n"
                    f"The end of {self.log_file}:\n{self.tail()}"
                )
            time.sleep(0.1)


def stop_all(processes: Iterable[ServiceProcess]) -> None:
    """Asks all to end at the same time, waits, and kills what is left when one cannot be stopped."""
    started = list(processes)
    for process in started:
        process.ask_to_end()
    try:
        for process in started:
            process.stop()
    finally:
        for process in started:
            process.kill()


def _inherited() -> dict[str, str]:
    # Not what the caller has set for another installation; DOSEWIRE_LOG_LEVEL and the like are given by name.
    return {name: value for name, value in os.environ.items() if not name.startswith("DOSEWIRE_")}
