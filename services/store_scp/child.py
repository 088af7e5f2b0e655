"""A node process as its supervisor sees it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from enum import Enum, auto

from services.store_scp.definitions import NodeDefinition
from services.store_scp.node_output import Failed, Listening, StoppedListening, Stored, decode

_NOT_FOR_NODES = ("DOSEWIRE_DATABASE_URL", "DOSEWIRE_AMQP_URL")


class Phase(Enum):
    """Where a node process stands, by its own account."""

    STARTING = auto()
    LISTENING = auto()
    DRAINING = auto()
    ENDED = auto()


class Child:
    """Starts a node process, and listens to what it says.

    The process holds the other end of our pipe as its standard input: it ends when we close it, and also when we
    are killed. It has a process group of its own, so that Ctrl-C reaches only the supervisor, which stops it in order.
    """

    def __init__(self, *, definition: NodeDefinition, announce: Callable[[str], None]) -> None:
        self.definition = definition
        self.reason = ""
        """What the node said before it gave up, in words."""
        self._announce = announce
        self._phase = Phase.STARTING
        self._process = subprocess.Popen(  # noqa: S603 (our own module, its arguments are no shell's)
            [sys.executable, "-m", "services.store_scp.node", definition.model_dump_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=without_secrets(os.environ),
            process_group=0,
        )
        self._reader = threading.Thread(target=self._listen, name=f"node-{self.pid}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def phase(self) -> Phase:
        """Where the process stands now."""
        return self._phase if self._process.poll() is None else Phase.ENDED

    @property
    def how_it_ended(self) -> str:
        """Say in words why the process has ended."""
        status = self._process.poll()
        if self.reason:
            return self.reason
        if status is not None and status < 0:
            return f"the node's process was ended by signal {-status}"
        return f"the node's process ended with status {status}"

    def stop(self) -> None:
        """Ask the process to finish what is on its way and to end; returns at once."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process, and take what it still said; returns whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(seconds)
        return True

    def _listen(self) -> None:
        if self._process.stdout is None:
            raise RuntimeError("the node's process was started without a pipe for its output")
        with self._process.stdout as lines:
            for line in lines:
                match decode(line):
                    case Stored(trace_id):
                        self._announce(trace_id)
                    case Listening():
                        self._phase = Phase.LISTENING
                    case StoppedListening():
                        self._phase = Phase.DRAINING
                    case Failed(reason):
                        self.reason = reason


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a node: it talks to strangers, so it knows no password."""
    hidden = {name + suffix for name in _NOT_FOR_NODES for suffix in ("", "_FILE")}
    return {name: value for name, value in environ.items() if name not in hidden}
