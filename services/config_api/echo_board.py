"""C-ECHO to several nodes at once, with outcomes that are remembered for a while."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from services.config_api.echo import SYSTEM_TLS, EchoResult, Target, echo
from shared.tls.client import ClientTls

FORGET_SECONDS = 600.0


class EchoBoard:
    """Sends C-ECHO to several nodes at once and remembers the outcomes for a while, for use by several threads.

    However many pages are open, a node gets one C-ECHO in the time for which its outcome is kept.
    """

    def __init__(self, *, timeout: float, tls: ClientTls = SYSTEM_TLS, workers: int = 8) -> None:
        self._timeout = timeout
        self._tls = tls
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="echo")
        self._lock = threading.Lock()
        self._asked: dict[Target, tuple[float, Future[EchoResult]]] = {}

    def ask(self, target: Target) -> EchoResult:
        """Send a C-ECHO now, and remember its outcome."""
        return self._start(target, keep_seconds=0).result()

    def look(self, targets: Mapping[Target, float]) -> dict[Target, EchoResult]:
        """Return an outcome for each target, not older than the seconds that stand beside it."""
        futures = {target: self._start(target, keep_seconds=seconds) for target, seconds in targets.items()}
        return {target: future.result() for target, future in futures.items()}

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, target: Target, *, keep_seconds: float) -> "Future[EchoResult]":
        now = time.monotonic()
        with self._lock:
            self._asked = {key: asked for key, asked in self._asked.items() if now - asked[0] < FORGET_SECONDS}
            asked = self._asked.get(target)
            if asked is not None and (now - asked[0] < keep_seconds or not asked[1].done()):
                return asked[1]
            future = self._pool.submit(echo, target, timeout=self._timeout, tls=self._tls)
            self._asked[target] = now, future
            return future
