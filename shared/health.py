"""The health of a service over HTTP: `/healthz` (alive), `/readyz` (able to work) and `/metrics`.

A part of a service that can fail by itself (the connection to the broker, the worker) has a name and reports its state.
The service is ready when all parts are. It is alive as long as its main loop calls `beat`; if the loop hangs, the
container's health check shows the service as unhealthy.
"""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST


@dataclass
class Health:
    """The state of a service, written by its threads and read by the HTTP server."""

    parts: Iterable[str] = ()
    beat_within: float = 60.0
    _states: dict[str, tuple[bool, str]] = field(default_factory=dict)
    _beat: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for part in self.parts:
            self._states[part] = (False, "starting")

    def report(self, part: str, *, ready: bool, detail: str = "") -> None:
        """Set the state of a part, and the reason if it does not work."""
        self._states[part] = (ready, detail)

    def beat(self) -> None:
        """Note that the main loop runs; due at least every `beat_within` seconds."""
        self._beat = time.monotonic()

    @property
    def alive(self) -> bool:
        """True if the main loop has run recently."""
        return time.monotonic() - self._beat < self.beat_within

    @property
    def ready(self) -> bool:
        """True if the service is alive and every part works."""
        return self.alive and all(ready for ready, _ in self._states.values())

    def as_json(self) -> bytes:
        """Return the state of every part, for a person."""
        parts = {name: {"ready": ready, "detail": detail} for name, (ready, detail) in self._states.items()}
        return json.dumps({"alive": self.alive, "ready": self.ready, "parts": parts}).encode()


class HealthServer:
    """Serves a `Health` on its own threads. A context manager; `port` 0 takes a free one."""

    def __init__(self, *, health: Health, host: str, port: int) -> None:
        handler = type("Handler", (_Handler,), {"health": health})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def __enter__(self) -> "HealthServer":
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    health: Health
    timeout = 5

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200 if self.health.alive else 503, "application/json", self.health.as_json())
        elif self.path == "/readyz":
            self._answer(200 if self.health.ready else 503, "application/json", self.health.as_json())
        elif self.path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
        else:
            self._answer(404, "text/plain", b"/healthz, /readyz or /metrics\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Log nothing: health checks come every few seconds."""
