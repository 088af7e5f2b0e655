"""An installation made from docker-compose.yml under a project name and on ports of its own."""

import json
import os
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.stack.ports import free_port

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
BUILD_SECONDS = 900
START_SECONDS = 300
AE_TITLE = "DOSEWIRE"


class Installation:
    """What a server has after `docker compose up -d --build`, apart from every other one on this machine."""

    def __init__(self) -> None:
        self.project = f"dosewire-test-{secrets.token_hex(4)}"
        self.dicom_port = free_port()
        self.http_port = free_port()
        self._environment = os.environ | {
            "DOSEWIRE_DICOM_ADDRESS": "127.0.0.1",
            "DOSEWIRE_DICOM_PORTS": str(self.dicom_port),
            "DOSEWIRE_HTTP_PORT": str(self.http_port),
            "DOSEWIRE_ENV_FILE": os.devnull,  # a developer's .env must not change what is tested
        }

    def compose(self, *arguments: str, timeout: float = START_SECONDS) -> str:
        """Run `docker compose` and return its standard output; a failure shows what it said."""
        options = ["--project-name", self.project, "--file", str(COMPOSE_FILE), "--env-file", os.devnull]
        result = subprocess.run(
            ["docker", "compose", *options, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        said = f"{result.stdout[-4000:]}{result.stderr[-8000:]}"
        assert result.returncode == 0, f"docker compose {' '.join(arguments)}:\n{said}"
        return result.stdout

    def build(self) -> None:
        """Build the images; what was built before comes from Docker's cache."""
        self.compose("build", "--quiet", timeout=BUILD_SECONDS)

    def up(self, *arguments: str) -> None:
        """Start everything and wait until all health checks pass."""
        wait = ["--wait", "--wait-timeout", str(START_SECONDS)]
        self.compose("up", "--detach", *wait, *arguments, timeout=START_SECONDS + 60)

    def remove(self) -> None:
        """Remove containers, networks, volumes and the images that were built."""
        self.compose("kill")
        self.compose("down", "--volumes", "--remove-orphans", "--rmi", "local")

    def logs(self) -> str:
        """Return the end of every container's log, and what runs."""
        return self.compose("ps", "--all") + self.compose("logs", "--no-color", "--tail", "60")

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's running containers."""
        return self.compose("ps", "--quiet", "--status", "running", service).split()

    def gateway(self, network: str) -> str:
        """Return this machine's address on a network of the installation."""
        inspect = ["docker", "network", "inspect", f"{self.project}_{network}"]
        (found,) = json.loads(subprocess.run(inspect, check=True, capture_output=True, text=True, timeout=60).stdout)
        return str(found["IPAM"]["Config"][0]["Gateway"])

    def get(self, path: str) -> Any:
        """GET from the API."""
        return self._request(path, None)

    def post(self, path: str, body: dict[str, object]) -> Any:
        """POST to the API."""
        return self._request(path, json.dumps(body).encode())

    def _request(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/api/v1{path}", data=body)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def open_node(self) -> None:
        """Make a store node on the published port and wait until it answers."""
        self.post("/store-nodes", {"name": "Compose test", "ae_title": AE_TITLE, "port": self.dicom_port})
        wait_until(lambda: self.echo() == "", "the store node answers")

    def echo(self) -> str:
        """Send a C-ECHO with DCMTK's echoscu; returns what went wrong, empty where nothing did."""
        command = ["echoscu", "--call", AE_TITLE, "127.0.0.1", str(self.dicom_port)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return "" if result.returncode == 0 else result.stdout + result.stderr


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 90) -> None:
    """Wait until `condition` holds; `what` is named where it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.5)
