"""The server: gunicorn inside this process, with one worker process that has threads.

The arbiter binds the port and starts the worker again should it die; everything that holds connections or threads is
made in the worker, after the fork.
"""

import errno
import logging
import os
import socket
import threading
from contextlib import ExitStack
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from services.config_api.app import create_app
from services.config_api.status.monitor import PARTS, Monitor
from services.config_api.web.context import EXTENSION
from services.config_api.web.settings import ConfigApiSettings
from shared.errors import DosewireError
from shared.health import Health, HealthServer

GRACEFUL_SECONDS = 10
_EXPLAINED_ELSEWHERE = ("pika",)
"""Loggers of libraries that repeat every few seconds that the broker is away; readiness and page show it anyway."""


class PlainLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """A logger without handlers, so that gunicorn's lines have our format. `app` writes the access log."""

    def setup(self, cfg: Any) -> None:
        """Send everything to the root logger's handlers."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings; it reads neither a command line nor a configuration file."""

    def __init__(self, *, settings: ConfigApiSettings) -> None:
        self._settings = settings
        self._resources = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        """Set the settings that differ from gunicorn's defaults."""
        settings = self._settings
        values = {
            "bind": f"{_bracketed(settings.http_host)}:{settings.http_port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": settings.http_threads,
            "timeout": 60,
            "graceful_timeout": GRACEFUL_SECONDS,
            "proc_name": "dosewire-config-api",
            "logger_class": PlainLogger,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_exit": lambda _server, _worker: self._resources.close(),
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application and its health server; called in the worker process."""
        settings = self._settings
        for name in _EXPLAINED_ELSEWHERE:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        app = create_app(settings=settings)
        context = app.extensions[EXTENSION]
        health = Health(parts=PARTS)
        self._resources.callback(context.close)
        self._resources.enter_context(Monitor(health=health, engine=context.engine, queues=context.queues))
        self._resources.enter_context(HealthServer(health=health, host=settings.health_host, port=settings.health_port))
        return app


def serve(settings: ConfigApiSettings, _stop: threading.Event) -> None:
    """Serve until SIGTERM or SIGINT, which gunicorn handles itself.

    Raises:
        DosewireError: a port is in use, or the address is not ours.
    """
    _check_port("DOSEWIRE_HTTP_PORT", settings.http_host, settings.http_port)
    _check_port("DOSEWIRE_HEALTH_PORT", settings.health_host, settings.health_port)
    arbiter = os.getpid()
    try:
        Server(settings=settings).run()
    except SystemExit as end:
        if os.getpid() != arbiter:  # a worker process ends here as well
            raise
        if end.code not in (None, 0):
            raise DosewireError(f"the web server ended with status {end.code}") from None


def _check_port(variable: str, host: str, port: int) -> None:
    """Raise an error in words where gunicorn would try five times."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise DosewireError(
                    f"{variable}: port {port} on {host} is in use; stop the program that has it or set another port"
                ) from error
            raise DosewireError(
                f"{variable}: cannot listen on {host} port {port}: {error.strerror or error}"
            ) from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
