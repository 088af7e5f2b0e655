"""Whether a DICOM node is alive, found out by a real C-ECHO (PS3.4 annex A), and if not, why, in words."""

import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made at run time

ALIVE = "alive"
ASSOCIATION_FAIL = "association fail"
SUCCESS = 0x0000

_REJECTED = {
    "Called AE title not recognised": "it does not know the AE title {called} as its own",
    "Calling AE title not recognised": "it does not accept our AE title {calling}; add {calling} to its list",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and as whom."""

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str


@dataclass(frozen=True, slots=True)
class EchoResult:
    """The outcome of a C-ECHO; `detail` says what happened, `duration_ms` how long it took."""

    alive: bool
    detail: str
    duration_ms: int

    @property
    def state(self) -> str:
        """The two states that a person knows from other DICOM software."""
        return ALIVE if self.alive else ASSOCIATION_FAIL


def echo(target: Target, *, timeout: float) -> EchoResult:
    """Send a C-ECHO. `timeout` is in seconds, for each of connection, association and answer."""
    start = time.monotonic()
    connected = threading.Event()
    entity = AE(ae_title=target.calling_ae_title)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = timeout
    entity.add_requested_context(Verification)
    association = entity.associate(
        target.host,
        target.port,
        ae_title=target.called_ae_title,
        evt_handlers=[(evt.EVT_CONN_OPEN, lambda _event: connected.set())],
    )
    if association.is_established:
        status = association.send_c_echo()
        association.release()
        alive, detail = _explain_status(status.get("Status"))
    elif connected.is_set():
        alive, detail = False, _explain_refusal(association, target, timeout)
    else:
        alive, detail = False, _explain_no_connection(target, timeout)
    return EchoResult(alive, detail, round((time.monotonic() - start) * 1000))


def _explain_status(status: int | None) -> tuple[bool, str]:
    if status == SUCCESS:
        return True, "answers C-ECHO"
    if status is None:
        return False, "accepts the association but does not answer the C-ECHO"
    return False, f"answers the C-ECHO with status 0x{status:04X}"


def _explain_refusal(association: Association, target: Target, timeout: float) -> str:
    answer = association.acceptor.primitive
    if association.is_rejected and answer is not None:
        said = str(answer.reason_str)
        words = _REJECTED.get(said, "{said}")
        known = words.format(called=target.called_ae_title, calling=target.calling_ae_title, said=said)
        return f"rejects the association: {known}"
    if association.is_aborted or answer is None:
        return f"accepts the connection but no DICOM association within {timeout:g} s; is it a DICOM port?"
    return "does not accept C-ECHO (Verification SOP Class)"


def _explain_no_connection(target: Target, timeout: float) -> str:
    """Connect once more by hand: pynetdicom keeps the reason to its log."""
    where = f"{target.host}:{target.port}"
    try:
        socket.create_connection((target.host, target.port), timeout=timeout).close()
    except ConnectionRefusedError:
        return f"nothing listens on {where}; is it started, is the port right?"
    except TimeoutError:
        return f"{where} does not answer within {timeout:g} s; is the address right, does a firewall stand between?"
    except socket.gaierror:
        return f"the host name {target.host} is not known here; check its spelling or use its IP address"
    except OSError as error:
        return f"no connection to {where}: {error.strerror or error}"
    return f"{where} did not accept the connection at first; try again"


class EchoBoard:
    """Sends C-ECHO to several nodes at once and remembers the outcomes for a moment.

    However many pages are open, a node gets one C-ECHO in `keep_seconds`.
    """

    def __init__(self, *, timeout: float, keep_seconds: float = 5.0, workers: int = 8) -> None:
        self._timeout = timeout
        self._keep_seconds = keep_seconds
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="echo")
        self._lock = threading.Lock()
        self._results: dict[Target, tuple[float, Future[EchoResult]]] = {}

    def ask(self, target: Target) -> EchoResult:
        """Send a C-ECHO now, and remember its outcome."""
        return self._start(target, keep_seconds=0).result()

    def look(self, targets: Sequence[Target]) -> dict[Target, EchoResult]:
        """Return the outcome for each target, not older than `keep_seconds`."""
        futures = {target: self._start(target, keep_seconds=self._keep_seconds) for target in targets}
        return {target: future.result() for target, future in futures.items()}

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, target: Target, *, keep_seconds: float) -> "Future[EchoResult]":
        now = time.monotonic()
        with self._lock:
            self._results = {key: kept for key, kept in self._results.items() if now - kept[0] < self._keep_seconds}
            kept = self._results.get(target)
            if kept is not None and (now - kept[0] < keep_seconds or not kept[1].done()):
                return kept[1]
            future = self._pool.submit(echo, target, timeout=self._timeout)
            self._results[target] = now, future
            return future
