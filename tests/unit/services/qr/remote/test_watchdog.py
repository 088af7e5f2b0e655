import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from services.qr.remote.watchdog import A_ABORT_PDU, EndedBy, Watchdog

LONG = 60.0


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    theirs.settimeout(5)
    yield ours, theirs
    ours.close()
    theirs.close()


def make(
    *, total: float = LONG, idle: float = LONG, cancelled: bool = False, stop: threading.Event | None = None
) -> Watchdog:
    return Watchdog(total_seconds=total, idle_seconds=idle, cancelled=lambda: cancelled, stop=stop or threading.Event())


def read_to_the_end(sock: socket.socket) -> bytes:
    received = b""
    while part := sock.recv(4096):
        received += part
    return received


def test_silence_ends_the_association_with_an_abort(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with make(idle=0.2) as watchdog:
        watchdog.guard(ours)
        assert read_to_the_end(theirs) == A_ABORT_PDU
    assert watchdog.ended_by is EndedBy.IDLE


def test_answers_keep_it_from_being_idle_but_not_from_its_total(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    began = time.monotonic()
    with make(idle=0.5, total=1.5) as watchdog:
        watchdog.guard(ours)
        while watchdog.ended_by is None:
            watchdog.touch()
            time.sleep(0.05)
    assert watchdog.ended_by is EndedBy.TOTAL
    assert 1.5 <= time.monotonic() - began < 10


def test_a_reader_that_blocks_is_woken(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    with make(total=0.3) as watchdog:
        watchdog.guard(ours)
        assert ours.recv(10) == b""


def test_a_socket_that_comes_after_the_end_is_shut_down_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    stop = threading.Event()
    stop.set()
    with make(stop=stop) as watchdog:
        while watchdog.ended_by is None:
            time.sleep(0.01)
        watchdog.guard(ours)
        assert read_to_the_end(theirs) == A_ABORT_PDU
    assert watchdog.ended_by is EndedBy.STOP


def test_a_cancelled_job_ends_it(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with make(cancelled=True) as watchdog:
        watchdog.guard(ours)
        assert read_to_the_end(theirs) == A_ABORT_PDU
    assert watchdog.ended_by is EndedBy.CANCEL


def test_a_cancel_that_can_be_polite_is_asked_for_once_and_leaves_time(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.settimeout(1)
    asked = []
    with make(cancelled=True) as watchdog:
        watchdog.on_cancel = lambda: asked.append(True)
        watchdog.guard(ours)
        with pytest.raises(TimeoutError):
            theirs.recv(10)
    assert asked == [True]
    assert watchdog.ended_by is EndedBy.CANCEL


def test_a_full_buffer_does_not_keep_it_from_ending(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours.setblocking(False)
    for _ in range(10):  # the kernel moves what it can to the other side
        with suppress(BlockingIOError):
            while True:
                ours.send(bytes(1024))
        time.sleep(0.05)
    with make(total=0.2) as watchdog:
        watchdog.guard(ours)
        while watchdog.ended_by is None:
            time.sleep(0.05)
    assert A_ABORT_PDU not in read_to_the_end(theirs)


def test_an_association_that_is_over_in_time_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with make() as watchdog:
        watchdog.guard(ours)
    theirs.settimeout(0.3)
    with pytest.raises(TimeoutError):
        theirs.recv(10)
    assert watchdog.ended_by is None
