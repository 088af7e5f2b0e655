"""A thread that does the same work again and again, and reports its success or failure to the health of the service."""

import threading
from abc import ABC, abstractmethod
from typing import Self

from shared.errors import Unavailable
from shared.health import Health
from shared.logging import get_logger

log = get_logger(__name__)


class Periodic(ABC):
    """A context manager that calls `once` while it is entered: at the start, and `every` seconds after each end.

    No error ends the thread: after `Unavailable` the part is not ready until a call succeeds, after any other error
    too, and the log has its traceback.

    Args:
        name: of the thread and of the part of the service.
        every: seconds between two calls.
        health: told of the part; None: the state is not reported.
        patience: seconds that a call in progress is waited for at the end; None: until it is over.
    """

    def __init__(self, *, name: str, every: float, health: Health | None, patience: float | None = None) -> None:
        self.over = threading.Event()
        """Set when the call in progress shall come to its end."""
        self._name = name
        self._every = every
        self._health = health
        self._patience = patience
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def once(self) -> object:
        """Do the work.

        Raises:
            Unavailable: it cannot be done now.
        """

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.over.set()
        self._thread.join(self._patience)

    def _run(self) -> None:
        while True:
            try:
                self.once()
            except Unavailable as error:
                self._report(ready=False, detail=str(error))
            except Exception as error:  # unexpected: it must not end the thread
                log.exception("periodic work failed", work=self._name)
                self._report(ready=False, detail=f"{type(error).__name__}; the log of the service says more")
            else:
                self._report(ready=True)
            if self.over.wait(self._every):
                return

    def _report(self, *, ready: bool, detail: str = "") -> None:
        if self._health is not None:
            self._health.report(self._name, ready=ready, detail=detail)
