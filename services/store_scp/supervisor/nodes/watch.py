"""The watch over a node process that listens: a C-ECHO every few seconds, and the time since the last answer."""

from services.store_scp.common.tls import TlsFiles
from services.store_scp.supervisor.nodes.child import Child
from services.store_scp.supervisor.nodes.echo import ProbeResult
from services.store_scp.supervisor.nodes.probe import Probe

PROBE_EVERY_SECONDS = 5.0
HUNG_AFTER_SECONDS = 60.0
"""A node that listens but has not answered for so long counts as one that hangs."""


class Watch:
    """Sends C-ECHO to the processes of one node, one after the other.

    Times are in seconds of one clock.

    Args:
        bind: the address that the node listens on.
        tls_files: with which it is called where it speaks TLS.
    """

    def __init__(self, *, bind: str, tls_files: TlsFiles | None) -> None:
        self._bind = bind
        self._tls_files = tls_files
        self._probe: Probe | None = None
        self._next_probe = 0.0
        self._last_answer = 0.0

    def begin(self, *, now: float) -> None:
        """Note that a new process has been started; the first look is due as soon as it listens."""
        self._last_answer, self._next_probe = now, 0.0

    def look(self, child: Child, *, now: float) -> ProbeResult | None:
        """Look if it is time to; returns the result of a look that has ended, None where there is nothing new."""
        if self._probe is None:
            if now >= self._next_probe:
                self._next_probe = now + PROBE_EVERY_SECONDS
                self._probe = Probe(child=child, bind=self._bind, tls_files=self._tls_files)
                self._probe.start()
            return None
        if self._probe.is_alive():
            return None
        probe, self._probe = self._probe, None
        if probe.child is not child:
            return None
        if probe.result.problem is None:
            self._last_answer = now
        return probe.result

    def hangs(self, result: ProbeResult, *, now: float) -> bool:
        """Tell whether the process has to be ended because it hangs; one that rejects associations is only busy."""
        return now - self._last_answer > HUNG_AFTER_SECONDS and not result.is_rejected
