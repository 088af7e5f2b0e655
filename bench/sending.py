"""Sender processes that begin and end together."""

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError

from bench.client import SUCCESS, Client, Payload, UnexpectedAnswer
from bench.servers import AE_TITLE

_NUMBERS_OF_A_SENDER = 10**20
_ITEM_HEADER = 6
"""Of a presentation data value, in bytes (PS3.8 section 9.3.5.1)."""
_LONGEST_PDU = 131_072
_START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one sender does."""

    sender: int
    port: int
    size: int
    many: bool
    nagle: bool
    seconds: float


def rate(*, port: int, size: int, many: bool, nagle: bool, associations: int, seconds: float) -> float:
    """Return how many objects a second a server has answered with Success.

    Args:
        port: the server's, on loopback.
        size: of each data set, in bytes.
        many: whether an association carries many objects, or one.
        nagle: whether senders write header and body of a PDU apart, with Nagle's algorithm on.
        associations: senders at the same time.
        seconds: how long they send.

    Raises:
        RuntimeError: a sender met something else than Success.
    """
    context = multiprocessing.get_context("fork")  # quick; the process that measures has no other threads
    barrier = context.Barrier(associations)
    pipes, processes = [], []
    for number in range(associations):
        ours, theirs = context.Pipe(duplex=False)
        task = Task(sender=number, port=port, size=size, many=many, nagle=nagle, seconds=seconds)
        processes.append(context.Process(target=_send, args=(theirs, barrier, task)))
        pipes.append(ours)
    for process in processes:
        process.start()
    try:
        results = [_result(pipe, seconds) for pipe in pipes]
    finally:
        for process in processes:
            process.join(1.0)
            process.kill()
    began, ended = min(result[1] for result in results), max(result[2] for result in results)
    return sum(result[0] for result in results) / (ended - began)


def _result(pipe: Connection, seconds: float) -> tuple[int, float, float]:
    if not pipe.poll(seconds + 2 * _START_SECONDS):
        raise RuntimeError("a sender did not end")
    result = pipe.recv()
    match result:
        case (int(count), float(began), float(ended)):
            return count, began, ended
        case _:
            raise RuntimeError(f"a sender has failed: {result}")


def _send(result: Connection, barrier: Barrier, task: Task) -> None:
    """Send for a while; tells the number of objects, begin and end, or in words what went wrong."""
    try:
        with Client(port=task.port, called=AE_TITLE) as client:
            longest = min(client.maximum_length or _LONGEST_PDU, _LONGEST_PDU)
        payload = Payload(size=task.size, fragment_bytes=longest - _ITEM_HEADER)
        barrier.wait(_START_SECONDS)
        began = time.monotonic()
        count = _until(began + task.seconds, task, payload)
        result.send((count, began, time.monotonic()))
    except (OSError, UnexpectedAnswer, BrokenBarrierError) as error:
        barrier.abort()
        result.send(f"{type(error).__name__}: {error}")


def _until(deadline: float, task: Task, payload: Payload) -> int:
    # Object numbers differ from those of other turns too, because storescp names files by the UID.
    first = number = task.sender * _NUMBERS_OF_A_SENDER + time.time_ns()
    while time.monotonic() < deadline:
        with Client(port=task.port, called=AE_TITLE, nagle=task.nagle) as client:
            while True:
                if (status := client.store(payload.message(number))) != SUCCESS:
                    raise UnexpectedAnswer(f"status 0x{status:04X}")
                number += 1
                if not task.many or time.monotonic() >= deadline:
                    break
    return number - first
