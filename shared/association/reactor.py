"""A stop for pynetdicom's reactor, the thread of an association that serves the requests of the peer.

Before each request of ours pynetdicom pauses the reactor, but it can see an old flag and go on too early. The reactor
then takes one message, logs "Received unexpected C-FIND service message", and that answer is lost. We only ask and
never serve, so the reactor is stopped once, for as long as the association is in use.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pynetdicom.association import Association

PATIENCE = 10.0


class Gate(threading.Event):
    """Takes the place of the event that the reactor waits for in each of its turns: closed until `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.somebody_waits = threading.Event()
        self._is_locked = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is open, and note that a thread waits."""
        self.somebody_waits.set()
        return super().wait(timeout)

    def set(self) -> None:
        """Open it, unless it has to stay closed against pynetdicom."""
        if not self._is_locked:
            super().set()

    def open(self) -> None:
        """Let the reactor run again."""
        self._is_locked = False
        super().set()


@contextmanager
def stopped_reactor(association: Association) -> Iterator[None]:
    """Stop the reactor of an association that was just established, for the block."""
    gate = Gate()
    association._reactor_checkpoint = gate  # noqa: SLF001 (there is no other way to stop it for sure)
    try:
        if not gate.somebody_waits.wait(PATIENCE) and association.is_established:
            raise RuntimeError("pynetdicom's reactor does not stop")
        yield
    finally:
        gate.open()
