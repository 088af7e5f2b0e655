"""The frame of the demonstration and of `scripts/up`: signals, errors, staying until Ctrl-C."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from tools.stack.errors import StackError
from tools.stack.installation import Installation
from tools.stack.progress import Progress

WIDTH_WITHOUT_TERMINAL = 120
_ENDING = (signal.SIGTERM, signal.SIGHUP)


def run(work: Callable[[Progress], None]) -> None:
    """Does the work; SIGTERM and a closed terminal end it as Ctrl-C does, so that nothing stays behind."""
    for number in _ENDING:
        signal.signal(number, signal.default_int_handler)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH_WITHOUT_TERMINAL)
    try:
        work(Progress(console=console))
    except StackError as error:
        console.print(f"!! {error}", style="red", highlight=False, markup=False)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped.")
        raise SystemExit(130) from None


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Leaves the end of everything alone: a second Ctrl-C must not leave processes behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stay(installation: Installation, progress: Progress) -> None:
    """Waits for Ctrl-C, or until a process has ended.

    Raises:
        StackError: a service or a server has ended; with the end of its log.
    """
    progress.say(f"Logs: {installation.logs}")
    progress.say("Ctrl-C stops everything.")
    try:
        while True:
            installation.check()
            time.sleep(1)
    except KeyboardInterrupt:
        progress.say("Stopping ...")
