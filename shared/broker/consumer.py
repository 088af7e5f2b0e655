"""A consumer of messages: the connection lives in one thread, the work in another, so heartbeats never wait for work.

The connection's thread puts deliveries into a queue in memory. The worker takes them in batches and hands the outcome
of each back to the connection's thread, which acknowledges, publishes to a retry queue, or dead-letters. A message is
acknowledged only after its successor (retry, dead letter) has been confirmed: it is never lost, and at worst there
twice.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection

from shared.broker.connection import BROKER_ERRORS, connect, describe, open_channel
from shared.broker.publisher import PERSISTENT
from shared.broker.topology import EXCHANGE, WORK_QUEUES
from shared.broker.verdict import Acknowledge, DeadLetter, Verdict, judge
from shared.errors import InvalidMessage, Unavailable
from shared.health import Health
from shared.logging import get_logger
from shared.messages import MessageT, parse
from shared.metrics import MESSAGES

ATTEMPT_HEADER = "x-dosewire-attempt"
REASON_HEADER = "x-dosewire-reason"
RECONNECT_AFTER = 2.0
PAUSE_AFTER_UNAVAILABLE = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery(Generic[MessageT]):
    """One message and how often it has failed so far."""

    message: MessageT
    attempt: int


Handler = Callable[[Sequence[Delivery[MessageT]]], Sequence[BaseException | None]]
"""Works on a batch and returns an outcome for each message, in their order: None, or its error.

An error that it raises is the outcome of all of them.
"""


@dataclass(frozen=True, slots=True)
class _Raw:
    channel: BlockingChannel
    tag: int
    body: bytes
    attempt: int


class Consumer(Generic[MessageT]):
    """Consumes the messages of one class until it is told to stop; reconnects by itself.

    Args:
        amqp_url: the broker.
        name: shown by the broker's management page.
        message_class: of the queue's messages; others are dead-lettered.
        handler: works on batches, in a thread of its own.
        prefetch: how many messages may be here unacknowledged.
        batch_size: how many messages the handler gets at most at once; it never waits for more to come.
        health: told of the parts `broker` and `worker`.
        threads: how many threads work, each on a batch of its own; the handler is for use by all of them.
        parts: the names of these health parts, where a process has several consumers.
    """

    def __init__(
        self,
        *,
        amqp_url: str,
        name: str,
        message_class: type[MessageT],
        handler: Handler[MessageT],
        prefetch: int,
        batch_size: int,
        health: Health,
        threads: int = 1,
        parts: tuple[str, str] = ("broker", "worker"),
    ) -> None:
        self._amqp_url = amqp_url
        self._name = name
        self._message_class = message_class
        self._queue = WORK_QUEUES[message_class.queue]
        self._handler = handler
        self._prefetch = prefetch
        self._batch_size = batch_size
        self._health = health
        self._threads = threads
        self._broker_part, self._worker_part = parts
        self._deliveries: queue.SimpleQueue[_Raw | None] = queue.SimpleQueue()

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set; the batch in hand is finished and answered first."""
        workers = [threading.Thread(target=self._work, name=self._worker_part) for _ in range(self._threads)]
        for worker in workers:
            worker.start()
        try:
            while not stop.is_set():
                try:
                    self._consume(stop, workers)
                except (Unavailable, *BROKER_ERRORS) as error:
                    self._health.report(self._broker_part, ready=False, detail=describe(error))
                    log.warning("broker lost", error=describe(error))
                    self._wait(stop)
        finally:
            self._dismiss(workers)
            for worker in workers:
                worker.join()

    def _dismiss(self, workers: Sequence[threading.Thread]) -> None:
        """Let each worker end after the batch in its hand."""
        for _ in workers:
            self._deliveries.put(None)

    def _wait(self, stop: threading.Event) -> None:
        self._health.beat()
        stop.wait(RECONNECT_AFTER)

    def _consume(self, stop: threading.Event, workers: Sequence[threading.Thread]) -> None:
        connection = connect(amqp_url=self._amqp_url, name=self._name)
        try:
            channel = open_channel(connection)
            channel.basic_qos(prefetch_count=self._prefetch)
            consumer_tag = channel.basic_consume(self._queue.work, self._take)
            self._health.report(self._broker_part, ready=True)
            log.info("consuming", queue=self._queue.work)
            while not stop.is_set():
                if not all(worker.is_alive() for worker in workers):
                    raise RuntimeError("a worker thread has died")
                self._health.beat()
                connection.process_data_events(time_limit=0.5)
            channel.basic_cancel(consumer_tag)
            self._drain(connection, workers)
        finally:
            self._discard()
            if connection.is_open:
                connection.close()

    def _drain(self, connection: BlockingConnection, workers: Sequence[threading.Thread]) -> None:
        """Let the workers finish their batches, and answer these; other deliveries go back to the broker."""
        self._discard()
        self._dismiss(workers)
        while any(worker.is_alive() for worker in workers):
            self._health.beat()
            connection.process_data_events(time_limit=0.1)
        connection.process_data_events(time_limit=0)

    def _discard(self) -> None:
        while True:
            try:
                self._deliveries.get_nowait()
            except queue.Empty:
                return

    def _take(
        self,
        channel: BlockingChannel,
        method: pika.spec.Basic.Deliver,
        properties: pika.BasicProperties,
        body: bytes,
    ) -> None:
        attempt = (properties.headers or {}).get(ATTEMPT_HEADER, 0)
        self._deliveries.put(_Raw(channel, method.delivery_tag, body, attempt if isinstance(attempt, int) else 0))

    # In the worker's thread:

    def _work(self) -> None:
        self._health.report(self._worker_part, ready=True)
        while True:
            batch = self._next_batch()
            if not batch:
                return
            outcomes = self._handle(batch)
            if any(isinstance(outcome, Unavailable) for outcome in outcomes):
                time.sleep(PAUSE_AFTER_UNAVAILABLE)
            for raw, outcome in zip(batch, outcomes, strict=True):
                self._hand_back(raw, judge(outcome, attempt=raw.attempt))

    def _next_batch(self) -> list[_Raw]:
        """Return what is there, at least one and at most `batch_size`; an empty list: it is over."""
        first = self._deliveries.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < self._batch_size:
            try:
                further = self._deliveries.get_nowait()
            except queue.Empty:
                break
            if further is None:
                self._deliveries.put(None)
                break
            batch.append(further)
        return batch

    def _handle(self, batch: Sequence[_Raw]) -> list[BaseException | None]:
        outcomes: list[BaseException | None] = [None] * len(batch)
        deliveries: dict[int, Delivery[MessageT]] = {}
        for index, raw in enumerate(batch):
            try:
                deliveries[index] = Delivery(parse(self._message_class, raw.body), raw.attempt)
            except InvalidMessage as error:
                outcomes[index] = error
        if deliveries:
            try:
                answers = self._handler(list(deliveries.values()))
            except Exception as error:  # noqa: BLE001 (any error is the outcome of these messages)
                log.warning("batch failed", messages=len(deliveries), error=describe(error)[:500])
                answers = [error] * len(deliveries)
            outcomes_of_parsed = zip(deliveries, answers, strict=True)
            for index, answer in outcomes_of_parsed:
                outcomes[index] = answer
        return outcomes

    def _hand_back(self, raw: _Raw, verdict: Verdict) -> None:
        try:
            raw.channel.connection.add_callback_threadsafe(lambda: self._answer(raw, verdict))
        except BROKER_ERRORS:
            log.info("connection gone before the answer; the broker delivers again", verdict=type(verdict).__name__)

    # In the connection's thread again:

    def _answer(self, raw: _Raw, verdict: Verdict) -> None:
        if not raw.channel.is_open:
            return
        MESSAGES.labels(queue=self._queue.name, outcome=type(verdict).__name__).inc()
        if not isinstance(verdict, Acknowledge):
            dead = isinstance(verdict, DeadLetter)
            target = self._queue.dead if isinstance(verdict, DeadLetter) else self._queue.retry(verdict.delay)
            log.warning("dead-lettered" if dead else "to be tried again", queue=target, reason=verdict.reason)
            properties = pika.BasicProperties(
                content_type="application/json",
                delivery_mode=PERSISTENT,
                headers={ATTEMPT_HEADER: verdict.attempt, REASON_HEADER: verdict.reason},
            )
            raw.channel.basic_publish(EXCHANGE, target, raw.body, properties, mandatory=True)
        raw.channel.basic_ack(raw.tag)
