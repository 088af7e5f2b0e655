"""Kinds of traffic that a store node gets in a hospital, each with the expected outcome."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from bench.client import HOST, SUCCESS, Client, Payload, UnexpectedAnswer, sop_instance_uid
from bench.servers import AE_TITLE
from tools.peers.raw_pdus import A_ABORT, associate_rq, receive_pdu

_REJECTED = 0x03
_BURST = 50
_HALF_A_PDU = b"\x01\0\0\0\1\0half"


class Ledger:
    """The objects that were sent, and those that the node has answered with Success. Used by several threads."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._digests: dict[str, str] = {}
        self._safe: set[str] = set()
        self._seen: set[str] = set()
        self.succeeded = 0

    def next(self, payload: Payload) -> int:
        """Return the number of the next object, which is going to be sent."""
        with self._lock:
            number = next(self._numbers)
            self._digests[sop_instance_uid(number)] = digest(payload.data_set)
            return number

    def safe(self, number: int) -> None:
        """Note that an object was answered with Success."""
        with self._lock:
            self._safe.add(sop_instance_uid(number))
            self.succeeded += 1

    def found(self, uid: str, content_digest: str) -> str | None:
        """Strike out an object that was found; returns in words what is wrong with it, or None."""
        with self._lock:
            if uid in self._seen:
                return f"{uid} is there twice"
            self._seen.add(uid)
            if self._digests.pop(uid, None) != content_digest:
                return f"{uid} is not what was sent"
        return None

    def missing(self) -> int:
        """Return how many objects were answered with Success and never found."""
        with self._lock:
            return len(self._safe - self._seen)


def digest(data_set: bytes) -> str:
    """Return what tells one data set from another."""
    return sha256(data_set).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of traffic.

    Args:
        name: for people.
        act: does it once; raises `UnexpectedAnswer` or `OSError` where the node did not do what it has to. What it
            returns are the seconds that a peer had to wait, None where it did not wait for anything.
        pause: seconds between two acts of a peer.
        peers: how many do it at the same time.
    """

    name: str
    act: Callable[[], float | None]
    pause: float
    peers: int = 1


class Traffic:
    """All kinds of traffic against one node.

    Args:
        port: the node's.
        ledger: where objects are noted.
        idle_seconds: how long an idle association stays silent before it is used again.
        silent_seconds: how long the node lets a peer be silent.
        over: set when the traffic ends; those who wait then stop.
    """

    def __init__(
        self, *, port: int, ledger: Ledger, idle_seconds: float, silent_seconds: float, over: threading.Event
    ) -> None:
        self._port = port
        self._ledger = ledger
        self._idle_seconds = idle_seconds
        self._silent_seconds = silent_seconds
        self._over = over
        self._report, self._larger_report = Payload(size=22_000), Payload(size=62_000)
        self._image = Payload(size=30_700_000, fragment_bytes=120_000)

    def kinds(self) -> list[Kind]:
        """Return all kinds."""
        return [
            Kind(name="echo", act=self._echo, pause=0.1),
            Kind(name="one object", act=self._one_object, pause=0.05, peers=4),
            Kind(name="burst", act=self._burst, pause=2.0, peers=2),
            Kind(name="large image", act=self._large_image, pause=5.0),
            Kind(name="abort", act=self._abort, pause=0.2),
            Kind(name="idle", act=self._idle, pause=0.1, peers=20),
            Kind(name="port check", act=self._port_check, pause=0.1),
            Kind(name="wrong caller", act=self._wrong_caller, pause=0.5),
            Kind(name="half a PDU", act=self._half_a_pdu, pause=0.2, peers=4),
        ]

    def _echo(self) -> float:
        began = time.perf_counter()
        with self._client(verification=True) as client:
            _expect_success(client.echo())
        return time.perf_counter() - began

    def _one_object(self) -> float:
        began = time.perf_counter()
        with self._client() as client:
            self._store(client, self._larger_report)
        return time.perf_counter() - began

    def _burst(self) -> float:
        began = time.perf_counter()
        with self._client() as client:
            for _ in range(_BURST):
                self._store(client, self._report)
        return (time.perf_counter() - began) / _BURST

    def _large_image(self) -> float:
        began = time.perf_counter()
        with self._client() as client:
            self._store(client, self._image)
        return time.perf_counter() - began

    def _abort(self) -> None:
        """End in the middle of an object: with an A-ABORT, or by a reset as a crash does."""
        number = self._ledger.next(self._larger_report)
        message = self._larger_report.message(number)
        client = self._client()
        with client.socket:
            client.socket.sendall(message[: len(message) // 2])
            if number % 2:
                client.socket.sendall(A_ABORT)
            else:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _idle(self) -> float:
        """Wait within an association, and use it then."""
        with self._client() as client:
            self._over.wait(self._idle_seconds)
            began = time.perf_counter()
            self._store(client, self._report)
            return time.perf_counter() - began

    def _port_check(self) -> float:
        began = time.perf_counter()
        socket.create_connection((HOST, self._port), timeout=60).close()
        return time.perf_counter() - began

    def _wrong_caller(self) -> float:
        began = time.perf_counter()
        with socket.create_connection((HOST, self._port), timeout=60) as connection:
            connection.sendall(associate_rq("SOMEBODYELSE"))
            if receive_pdu(connection)[0] != _REJECTED:
                raise UnexpectedAnswer("a wrong called AE title was not rejected")
        return time.perf_counter() - began

    def _half_a_pdu(self) -> None:
        """Fall silent within a PDU; the node has to close the connection in time."""
        with socket.create_connection((HOST, self._port), timeout=0.5) as connection:
            connection.sendall(_HALF_A_PDU)
            deadline = time.monotonic() + self._silent_seconds + 30.0
            while time.monotonic() < deadline and not self._over.is_set():
                try:
                    if not connection.recv(100):
                        return
                except TimeoutError:
                    continue
            if not self._over.is_set():
                raise UnexpectedAnswer("a silent peer was not let go")

    def _client(self, *, verification: bool = False) -> Client:
        return Client(port=self._port, called=AE_TITLE, calling="SOAK", verification=verification)

    def _store(self, client: Client, payload: Payload) -> None:
        number = self._ledger.next(payload)
        _expect_success(client.store(payload.message(number)))
        self._ledger.safe(number)


def _expect_success(status: int) -> None:
    if status != SUCCESS:
        raise UnexpectedAnswer(f"status 0x{status:04X}")
