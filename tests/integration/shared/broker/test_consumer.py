"""The consumer against a real broker: outcomes, order of answers, lost connections, stopping."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from shared.broker import topology
from shared.broker.connection import connect, open_channel
from shared.broker.consumer import ATTEMPT_HEADER, REASON_HEADER, Consumer, Delivery, Handler
from shared.broker.publisher import Publisher
from shared.broker.topology import EXCHANGE, QR
from shared.errors import Permanent, Retriable, Unavailable
from shared.health import Health
from shared.messages import QrStep

pytestmark = pytest.mark.integration


@contextmanager
def consuming(amqp_url: str, handler: Handler[QrStep], *, batch_size: int = 10, threads: int = 1) -> Iterator[Health]:
    health = Health(parts=["broker", "worker"])
    consumer = Consumer(
        amqp_url=amqp_url,
        name="test",
        message_class=QrStep,
        handler=handler,
        prefetch=20,
        batch_size=batch_size,
        health=health,
        threads=threads,
    )
    stop = threading.Event()
    thread = threading.Thread(target=consumer.run, args=[stop])
    thread.start()
    try:
        yield health
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def publish(amqp_url: str, count: int = 1) -> list[UUID]:
    steps = [QrStep(job_id=uuid4()) for _ in range(count)]
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        for step in steps:
            publisher.publish(step)
    return [step.job_id for step in steps]


def depth(amqp_url: str, queue: str) -> int:
    with Publisher(amqp_url=amqp_url, name="test") as publisher:
        return publisher.depth(queue)


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Recorder:
    """A handler that notes what it was given, and answers as it is told."""

    def __init__(self, *, answer: Callable[[Delivery[QrStep]], BaseException | None] = lambda _: None) -> None:
        self.seen: list[Delivery[QrStep]] = []
        self.batches: list[int] = []
        self._answer = answer

    def __call__(self, batch: Sequence[Delivery[QrStep]]) -> Sequence[BaseException | None]:
        self.batches.append(len(batch))
        self.seen.extend(batch)
        return [self._answer(delivery) for delivery in batch]

    @property
    def jobs(self) -> list[UUID]:
        return [delivery.message.job_id for delivery in self.seen]


def test_what_is_published_is_handled_once_and_in_order(amqp_url: str) -> None:
    jobs = publish(amqp_url, 50)
    recorder = Recorder()
    with consuming(amqp_url, recorder) as health:
        wait_until(lambda: len(recorder.seen) == 50)
        assert health.ready
    assert recorder.jobs == jobs
    assert depth(amqp_url, QR.work) == 0


def test_batches_have_a_limit_and_do_not_wait_to_be_full(amqp_url: str) -> None:
    publish(amqp_url, 15)
    recorder = Recorder()
    with consuming(amqp_url, recorder, batch_size=4):
        wait_until(lambda: len(recorder.seen) == 15)
    assert max(recorder.batches) <= 4


def test_permanent_errors_are_dead_lettered_with_their_reason(amqp_url: str) -> None:
    (job,) = publish(amqp_url)
    with consuming(amqp_url, Recorder(answer=lambda _: Permanent("no such node"))):
        wait_until(lambda: depth(amqp_url, QR.dead) == 1)
    connection = connect(amqp_url=amqp_url, name="test")
    _, properties, body = open_channel(connection).basic_get(QR.dead, auto_ack=True)
    connection.close()
    assert properties.headers[ATTEMPT_HEADER] == 1
    assert properties.headers[REASON_HEADER] == "Permanent: no such node"
    assert QrStep.model_validate_json(body).job_id == job


def test_retriable_errors_come_back_counted(amqp_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "RETRY_DELAYS", (1,))
    monkeypatch.setattr("shared.broker.verdict.RETRY_DELAYS", (1,))
    publish(amqp_url)
    recorder = Recorder(answer=lambda delivery: Retriable("not yet") if delivery.attempt < 2 else None)
    with consuming(amqp_url, recorder):
        wait_until(lambda: len(recorder.seen) == 3)
    assert [delivery.attempt for delivery in recorder.seen] == [0, 1, 2]


def test_unavailability_comes_back_uncounted(amqp_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "RETRY_DELAYS", (1,))
    monkeypatch.setattr("shared.broker.verdict.RETRY_DELAYS", (1,))
    publish(amqp_url)
    answers = iter([Unavailable("database"), Unavailable("database"), None])
    recorder = Recorder(answer=lambda _: next(answers))
    with consuming(amqp_url, recorder):
        wait_until(lambda: len(recorder.seen) == 3)
    assert [delivery.attempt for delivery in recorder.seen] == [0, 0, 0]


def test_an_error_that_nobody_foresaw_concerns_the_batch_and_not_the_worker(amqp_url: str) -> None:
    publish(amqp_url)
    raised = threading.Event()

    def handler(batch: Sequence[Delivery[QrStep]]) -> Sequence[BaseException | None]:
        if not raised.is_set():
            raised.set()
            raise KeyError("a bug")
        return [None] * len(batch)

    with consuming(amqp_url, handler):
        wait_until(raised.is_set)
        wait_until(lambda: depth(amqp_url, QR.retry(topology.RETRY_DELAYS[0])) == 1)
        publish(amqp_url)
        wait_until(lambda: depth(amqp_url, QR.work) == 0)


def test_what_is_no_message_is_dead_lettered_and_its_neighbours_are_handled(amqp_url: str) -> None:
    connection = connect(amqp_url=amqp_url, name="test")
    open_channel(connection).basic_publish(EXCHANGE, QR.work, b"garbage")
    connection.close()
    (job,) = publish(amqp_url)
    recorder = Recorder()
    with consuming(amqp_url, recorder):
        wait_until(lambda: recorder.jobs == [job])
        wait_until(lambda: depth(amqp_url, QR.dead) == 1)


def test_stopping_finishes_the_batch_in_hand_and_returns_the_rest(amqp_url: str) -> None:
    publish(amqp_url, 10)
    begun, may_end = threading.Event(), threading.Event()
    recorder = Recorder()

    def handler(batch: Sequence[Delivery[QrStep]]) -> Sequence[BaseException | None]:
        begun.set()
        may_end.wait(10)
        return recorder(batch)

    health = Health()
    consumer = Consumer(
        amqp_url=amqp_url, name="t", message_class=QrStep, handler=handler, prefetch=10, batch_size=1, health=health
    )
    stop = threading.Event()
    thread = threading.Thread(target=consumer.run, args=[stop])
    thread.start()
    assert begun.wait(10)
    stop.set()
    time.sleep(1)
    may_end.set()
    thread.join(20)
    assert not thread.is_alive()
    assert len(recorder.seen) == 1
    assert depth(amqp_url, QR.work) == 9


def test_work_longer_than_the_heartbeat_keeps_its_connection(amqp_url: str) -> None:
    publish(amqp_url)
    recorder = Recorder()

    def handler(batch: Sequence[Delivery[QrStep]]) -> Sequence[BaseException | None]:
        time.sleep(6)
        return recorder(batch)

    with consuming(f"{amqp_url}?heartbeat=2", handler):
        wait_until(lambda: depth(amqp_url, QR.work) == 0)
        wait_until(lambda: len(recorder.seen) == 1)
    assert depth(amqp_url, QR.work) == 0


def test_threads_do_not_wait_for_each_other(amqp_url: str) -> None:
    goes_on, begun, ended = threading.Event(), [], []
    lock = threading.Lock()

    def handle(batch: Sequence[Delivery[QrStep]]) -> Sequence[BaseException | None]:
        with lock:
            begun.append(batch[0].message.job_id)
            is_first = len(begun) == 1
        if is_first:
            assert goes_on.wait(30)
        ended.append(batch[0].message.job_id)
        return [None] * len(batch)

    jobs = publish(amqp_url, 6)
    with consuming(amqp_url, handle, batch_size=1, threads=3):
        wait_until(lambda: len(ended) == 5)
        assert len(begun) == 6
        goes_on.set()
        wait_until(lambda: len(ended) == 6)
    assert sorted(ended) == sorted(jobs)
    assert depth(amqp_url, QR.work) == 0
