"""A thread that sends one C-ECHO to one node, so that a node that hangs does not hold up the others."""

import threading

from services.store_scp.common.tls import TlsFiles
from services.store_scp.supervisor.nodes.child import Child
from services.store_scp.supervisor.nodes.echo import ProbeResult, echo, shake_hands
from services.store_scp.supervisor.nodes.own_tls import context_for


class Probe(threading.Thread):
    """One C-ECHO to a node process; `result` is valid when the thread has ended.

    A node that asks for a certificate which we cannot show is asked for a TLS handshake only.
    """

    def __init__(self, *, child: Child, bind: str, tls_files: TlsFiles | None) -> None:
        super().__init__(name=f"probe {child.definition.name}", daemon=True)
        self.child = child
        self.result = ProbeResult("no answer")
        self._bind = bind
        self._tls_files = tls_files

    def run(self) -> None:
        """Send the C-ECHO, and keep its outcome in `result`."""
        definition = self.child.definition
        tls, is_accepted = context_for(definition, self._tls_files) if definition.tls else (None, True)
        if tls is not None and not is_accepted:
            self.result = shake_hands(bind=self._bind, port=definition.port, tls=tls)
            return
        self.result = echo(
            bind=self._bind,
            port=definition.port,
            ae_title=definition.ae_title,
            calling_ae_title=self.child.probe_ae_title,
            tls=tls,
        )
