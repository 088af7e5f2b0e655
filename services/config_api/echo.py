"""Whether a DICOM node is alive, found out by a real C-ECHO (PS3.4 annex A), and if not, why, in words."""

import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made at run time

ALIVE = "alive"
ASSOCIATION_FAIL = "association fail"
SUCCESS = 0x0000
FORGET_SECONDS = 600.0

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
    handlers: list[evt.EventHandlerType] = [(evt.EVT_CONN_OPEN, lambda _event: connected.set())]
    try:
        association = entity.associate(target.host, target.port, ae_title=target.called_ae_title, evt_handlers=handlers)
    except socket.gaierror:
        return EchoResult(alive=False, detail=_unknown_host(target), duration_ms=_since(start))
    if association.is_established:
        status = association.send_c_echo()
        association.release()
        alive, detail = _explain_status(status.get("Status"))
    elif connected.is_set():
        alive, detail = False, _explain_refusal(association, target, timeout)
    else:
        alive, detail = False, _explain_no_connection(target, timeout)
    return EchoResult(alive=alive, detail=detail, duration_ms=_since(start))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def _unknown_host(target: Target) -> str:
    return f"the host name {target.host} is not known here; check its spelling or use its IP address"


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
        return _unknown_host(target)
    except OSError as error:
        return f"no connection to {where}: {error.strerror or error}"
    return f"{where} did not accept the connection at first; try again"


class EchoBoard:
    """Sends C-ECHO to several nodes at once and remembers the outcomes for a while, for use by several threads.

    However many pages are open, a node gets one C-ECHO in the time for which its outcome is kept.
    """

    def __init__(self, *, timeout: float, workers: int = 8) -> None:
        self._timeout = timeout
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
            future = self._pool.submit(echo, target, timeout=self._timeout)
            self._asked[target] = now, future
            return future
