"""A node process as its supervisor sees it: started, listened to, stopped."""

import os
import secrets
import signal
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto

from services.store_scp.common.definitions import PROBE_VARIABLE, NodeDefinition
from services.store_scp.common.node_output import (
    CallerRejected,
    Listening,
    ListeningFailed,
    ObjectStored,
    OpenAssociations,
    StoppedListening,
    decode,
)

NODE_PROGRAM = (sys.executable, "-m", "services.store_scp.node")
_WAIT_STEP_SECONDS = 0.01
_AE_TITLE_LENGTH = 16
_NOT_FOR_NODES = ("DOSEWIRE_DATABASE_URL", "DOSEWIRE_AMQP_URL")


class Phase(Enum):
    """The phases of a node process, as it reports them."""

    STARTING = auto()
    LISTENING = auto()
    DRAINING = auto()
    ENDED = auto()


class Child:
    """Starts a node process, and reads its messages.

    The process holds the other end of our pipe as its standard input: it ends when we close it, and also when we
    are killed. It has a process group of its own: Ctrl-C reaches only the supervisor, which stops it in order, and what
    it forks ends with it.

    Args:
        definition: of the node.
        announce: told the trace id of each object that is safe.
        tell_rejected: told of each caller that was turned away.
        program: the node's; it is given the definition as its argument.
    """

    def __init__(
        self,
        *,
        definition: NodeDefinition,
        announce: Callable[[str], None],
        tell_rejected: Callable[[CallerRejected], None] = lambda _: None,
        program: Sequence[str] = NODE_PROGRAM,
    ) -> None:
        self.definition = definition
        self.probe_ae_title = "".join(
            secrets.choice(string.ascii_uppercase + string.digits) for _ in range(_AE_TITLE_LENGTH)
        )
        """The calling AE title by which this process, and no other, knows its supervisor."""
        self.failure: ListeningFailed | None = None
        """The node's message that it cannot listen, if it sent one."""
        self.open_associations = 0
        """The number that the node reported last."""
        self._announce = announce
        self._tell_rejected = tell_rejected
        self._phase = Phase.STARTING
        self._reaping = threading.Lock()
        self._process = subprocess.Popen(  # noqa: S603 (our own module, its arguments are no shell's)
            [*program, definition.model_dump_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=without_secrets(os.environ) | {PROBE_VARIABLE: self.probe_ae_title},
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
        """The phase of the process now."""
        return Phase.ENDED if self._has_ended() else self._phase

    @property
    def how_it_ended(self) -> str:
        """Return the reason why the process has ended, in words."""
        status = self._process.returncode
        if self.failure is not None:
            return self.failure.reason
        if status is not None and status < 0:
            return f"the node's process was ended by signal {-status}"
        return f"the node's process ended with status {status}"

    def stop(self) -> None:
        """Ask the process to finish objects in progress and to end; returns at once."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def kill(self) -> None:
        """End the process, and those it has forked, now."""
        with self._reaping:
            self._kill_group()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process, and read its last messages; return True if it has ended."""
        deadline = time.monotonic() + seconds
        while not self._has_ended():
            if time.monotonic() > deadline:
                return False
            time.sleep(_WAIT_STEP_SECONDS)
        self._reader.join(seconds)
        return True

    def _has_ended(self) -> bool:
        """Check whether the process has ended; processes that it forked are ended then, which frees the port."""
        with self._reaping:
            if self._process.returncode is not None:
                return True
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return False
            self._kill_group()  # before its id may belong to another process
            self._process.wait()
        self.stop()  # close our end of its standard input
        return True

    def _kill_group(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def _listen(self) -> None:
        if self._process.stdout is None:
            raise RuntimeError("the node's process was started without a pipe for its output")
        with self._process.stdout as lines:
            for line in lines:
                match decode(line):
                    case ObjectStored(trace_id):
                        self._announce(trace_id)
                    case Listening():
                        self._phase = Phase.LISTENING
                    case StoppedListening():
                        self._phase = Phase.DRAINING
                    case ListeningFailed() as failure:
                        self.failure = failure
                    case OpenAssociations(associations):
                        self.open_associations = associations
                    case CallerRejected() as rejected:
                        self._tell_rejected(rejected)


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a node: it talks to strangers, so it knows no password."""
    hidden = {name + suffix for name in _NOT_FOR_NODES for suffix in ("", "_FILE")}
    return {name: value for name, value in environ.items() if name not in hidden}
