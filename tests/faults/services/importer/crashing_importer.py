"""The importer as it is, except that it kills itself (SIGKILL) at one instant: `python -m ... INSTANT`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import shared.spool.folders as spool_module
from services.importer.__main__ import main
from services.importer.handling import transaction
from services.importer.handling.handler import Importer
from services.importer.settings import ImporterSettings
from services.importer.storage.record import record
from shared.service import run
from shared.spool.folders import Spool


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def before_call(number: int, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does what `original` does, and dies instead of doing so for the nth time."""
    calls = iter(range(1, number + 1))

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if next(calls) == number:
            die()
        return original(*arguments, **named)

    return wrapped


def after_call(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **named: Any) -> NoReturn:
        original(*arguments, **named)
        die()

    return wrapped


INSTANTS: dict[str, Callable[[], None]] = {
    "some rows are written, nothing is committed": lambda: setattr(transaction, "record", before_call(3, record)),
    "everything is committed, no file has moved": lambda: setattr(Spool, "keep", before_call(1, Spool.keep)),
    "some files have moved": lambda: setattr(Spool, "keep", before_call(3, Spool.keep)),
    "a file has moved, its folder is not synced": lambda: setattr(spool_module, "fsync_directory", _die_for_a_folder),
    "all files have moved, nothing is answered": lambda: setattr(Importer, "__call__", after_call(Importer.__call__)),
}


def _die_for_a_folder(_directory: Path) -> NoReturn:
    die()


if __name__ == "__main__":
    INSTANTS[sys.argv[1]]()
    run(service="importer", settings_class=ImporterSettings, main=main)
