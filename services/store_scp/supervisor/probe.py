"""A look at one node, in a thread of its own: a node that hangs must not hold up the others."""

import ssl
import threading

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.tls import TlsContext, TlsFiles, accepts, client_context
from services.store_scp.supervisor.child import Child
from services.store_scp.supervisor.echo import why_no_echo, why_no_tls
from shared.tls.files import TlsError


class Probe(threading.Thread):
    """One C-ECHO to a node process. `problem` says when the thread has ended why it did not answer.

    A node that asks for a certificate which we cannot show is asked for a TLS handshake only.
    """

    def __init__(self, *, child: Child, bind: str, tls_files: TlsFiles | None) -> None:
        super().__init__(name=f"probe {child.definition.name}", daemon=True)
        self.child = child
        self.problem: str | None = "no answer"
        self._bind = bind
        self._tls_files = tls_files

    @property
    def busy(self) -> bool:
        """Whether the node answered, but with a rejection."""
        return self.problem is not None and "rejected" in self.problem

    def run(self) -> None:
        """Look."""
        definition = self.child.definition
        tls, is_accepted = _tls(definition, self._tls_files) if definition.tls else (None, True)
        if tls is not None and not is_accepted:
            self.problem = why_no_tls(bind=self._bind, port=definition.port, tls=tls)
            return
        self.problem = why_no_echo(
            bind=self._bind,
            port=definition.port,
            ae_title=definition.ae_title,
            calling_ae_title=self.child.probe_ae_title,
            tls=tls,
        )


def _tls(definition: NodeDefinition, files: TlsFiles | None) -> tuple[ssl.SSLContext, bool]:
    """Return how to speak TLS with a node, and whether it will take our certificate where it asks for one."""
    required = definition.require_client_certificate
    try:
        client = client_context(files)
        server = TlsContext(files=files, require_client_certificate=required).current()
    except TlsError:  # files that were replaced by broken ones; the node goes on with those from before
        return client_context(None), not required
    return client, not required or accepts(server, client)
