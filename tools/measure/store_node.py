"""A single node process of the Store SCP, without supervisor, database and broker, for tests and benchmarks."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydicom.filereader import read_file_meta_info

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.supervisor.nodes.child import Child, Phase
from shared.spool.folders import Spool
from tools.measure.process_use import group_of
from tools.stack.ports import LOOPBACK

AE_TITLE = "DOSEWIRE"


def wait_until(condition: Callable[[], bool], *, what: str, timeout_s: float = 20.0) -> None:
    """Wait for a condition; fails with `what` was waited for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s for: {what}"
        time.sleep(0.02)


class RunningNode:
    """A node process that listens on loopback. A context manager; the environment must hold its settings.

    Args:
        port: where it listens.
        data_dir: its spool.
        name: its friendly name.
        others: further fields of its definition.
    """

    host = LOOPBACK

    def __init__(self, *, port: int, data_dir: Path, name: str = "Test node", **others: Any) -> None:
        self.spool = Spool(root=data_dir)
        self.definition = NodeDefinition(node_id=1, name=name, ae_title=AE_TITLE, port=port, **others)
        self.announced: list[str] = []

    @property
    def port(self) -> int:
        """Its port."""
        return self.definition.port

    @property
    def ae_title(self) -> str:
        """Its AE title."""
        return self.definition.ae_title

    def pids(self) -> list[int]:
        """Return the ids of its processes, the leader's first."""
        return group_of(self.child.pid)

    def stored(self) -> list[Path]:
        """Return the complete objects in its spool, in the order of their reception."""
        return sorted(self.spool.incoming.glob("*.dcm"))

    def partial(self) -> list[Path]:
        """Return the files of receptions that are under way or were cut short."""
        return sorted(self.spool.incoming.glob("*.part"))

    def __enter__(self) -> "RunningNode":
        self.child = Child(definition=self.definition, announce=self.announced.append)
        wait_until(lambda: self.child.phase is not Phase.STARTING, what="the node listens")
        assert self.child.phase is Phase.LISTENING, self.child.how_it_ended
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.child.stop()
        if not self.child.wait(20.0):
            self.child.kill()
            self.child.wait(5.0)


def data_set_bytes(path: Path) -> bytes:
    """Return the bytes of a DICOM file that follow its file meta information."""
    content = path.read_bytes()
    meta = read_file_meta_info(path)
    return content[144 + meta.FileMetaInformationGroupLength :]
