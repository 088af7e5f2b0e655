"""The start and end of a service: settings, logs, signals, exit status."""

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

from shared.errors import DosewireError, SettingsError
from shared.logging import configure, get_logger
from shared.settings import Settings, load

SettingsT = TypeVar("SettingsT", bound=Settings)

EXIT_FAILED = 1
EXIT_BAD_SETTINGS = 2


def run(*, service: str, settings_class: type[SettingsT], main: Callable[[SettingsT, threading.Event], None]) -> None:
    """Run `main` with its settings and an event that SIGTERM and SIGINT set; leave with the right exit status.

    Exit status: 0 after a stop that was asked for, 1 after an error of ours, 2 where the settings are wrong.
    """
    try:
        settings = load(settings_class)
    except SettingsError as error:
        configure(service=service)
        for problem in error.problems:
            get_logger(service).critical("wrong setting", problem=problem)
        raise SystemExit(EXIT_BAD_SETTINGS) from None
    configure(service=service, log_format=settings.log_format, level=settings.log_level)
    log = get_logger(service)
    stop = stop_on_signals()
    log.info("started")
    try:
        main(settings, stop)
    except DosewireError as error:
        log.critical("stopped by an error", error=str(error))
        raise SystemExit(EXIT_FAILED) from None
    log.info("stopped")


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
