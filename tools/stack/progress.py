"""Progress lines, for terminals and logs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """One line a step: a spinner while it lasts, then how long it took."""

    def __init__(self, *, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Announces a step and, when it is through, its time."""
        began = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(f"== {doing} ...")
        with self.console.status(doing):
            yield
        self.console.print(f"[green]✓[/] {doing} [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)

    def say(self, text: str) -> None:
        """A line for the reader."""
        self.console.print(text, highlight=False)
