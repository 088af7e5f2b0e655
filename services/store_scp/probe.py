"""A look at one node, in a thread of its own: a node that hangs must not hold up the others."""

import threading

from services.store_scp.child import Child
from services.store_scp.echo import why_no_echo


class Probe(threading.Thread):
    """One C-ECHO to a node process. `problem` says when the thread has ended why it did not answer."""

    def __init__(self, *, child: Child, bind: str) -> None:
        super().__init__(name=f"probe {child.definition.name}", daemon=True)
        self.child = child
        self.problem: str | None = "no answer"
        self._bind = bind

    @property
    def busy(self) -> bool:
        """Whether the node answered, but with a rejection."""
        return self.problem is not None and "rejected" in self.problem

    def run(self) -> None:
        """Send the C-ECHO."""
        self.problem = why_no_echo(
            bind=self._bind,
            port=self.child.definition.port,
            ae_title=self.child.definition.ae_title,
            calling_ae_title=self.child.probe_ae_title,
        )
