"""The run of a soak: traffic against a running node, with samples of the node's use of the machine."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable

from pydicom.filereader import read_file_meta_info

from bench.client import UnexpectedAnswer
from bench.servers import Dosewire
from bench.traffic import Kind, Ledger, Traffic, digest
from bench.verdict import Latency, Limits, Rest, Sample, problems
from tools.measure.process_use import Use, group_of
from tools.measure.store_node import data_set_bytes

NETWORK_TIMEOUT_SECONDS = 10
"""The value of that setting for the node."""
_IDLE_SECONDS = 7.0
_REST_SECONDS = 30.0
_SPARE = 16
"""The number of spare threads of a process, each with a file prepared."""
_REMEMBERED_FAULTS = 20


class Soak:
    """Keeps all kinds of traffic going against a running node, and takes samples of it.

    Args:
        server: the node.
        limits: of the verdict.
        say: told the lines for people.
    """

    def __init__(self, *, server: Dosewire, limits: Limits, say: Callable[[str], None]) -> None:
        self.samples: list[Sample] = []
        self.acts: Counter[str] = Counter()
        self.faults: list[str] = []
        """The faults, the first ones in words."""
        self.ledger = Ledger()
        self._server = server
        self._limits = limits
        self._say = say
        self._over = threading.Event()
        self._collected = threading.Event()
        self._waits: dict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()
        self._fault_count = 0

    def run(self, *, seconds: float, interval: float) -> list[str]:
        """Run for so long; returns what was wrong, in words."""
        self._wait_for_rest(most=None)
        at_rest = self._use()
        collector = threading.Thread(target=self._collect, name="collector")
        collector.start()
        traffic = Traffic(
            port=self._server.port,
            ledger=self.ledger,
            idle_seconds=_IDLE_SECONDS,
            silent_seconds=NETWORK_TIMEOUT_SECONDS,
            over=self._over,
        )
        peers = [
            threading.Thread(target=self._keep_going, args=(kind,), name=kind.name)
            for kind in traffic.kinds()
            for _ in range(kind.peers)
        ]
        for peer in peers:
            peer.start()
        self._watch(seconds=seconds, interval=interval)
        self._over.set()
        for peer in peers:
            peer.join()
        processes = len(group_of(self._server.pid))
        before = Rest(
            threads=at_rest.threads + processes * _SPARE, descriptors=at_rest.descriptors + processes * _SPARE
        )
        self._wait_for_rest(most=before)
        after = self._use()
        self._collected.set()
        collector.join()
        found = problems(
            self.samples,
            before=before,
            after=Rest(threads=after.threads, descriptors=after.descriptors),
            limits=self._limits,
        )
        if self._fault_count:
            found.append(f"{self._fault_count} times a peer met what it should not; first: {self.faults[0]}")
        if missing := self.ledger.missing():
            found.append(f"{missing} objects that got Success are not there")
        return found

    def _keep_going(self, kind: Kind) -> None:
        while not self._over.wait(kind.pause):
            try:
                waited = kind.act()
            except (OSError, UnexpectedAnswer) as error:
                self._fault(f"{kind.name}: {type(error).__name__}: {error}")
                continue
            with self._lock:
                self.acts[kind.name] += 1
                if waited is not None:
                    self._waits[kind.name].append(waited)

    def _fault(self, words: str) -> None:
        with self._lock:
            self._fault_count += 1
            if len(self.faults) < _REMEMBERED_FAULTS:
                self.faults.append(words)

    def _watch(self, *, seconds: float, interval: float) -> None:
        began = last = time.monotonic()
        use, objects = self._use(), 0
        while (left := began + seconds - time.monotonic()) > 0:
            time.sleep(min(interval, left))
            now, then, used, had = time.monotonic(), last, use.cpu_seconds, objects
            use, objects, last = self._use(), self.ledger.succeeded, now
            with self._lock:
                waits, self._waits = self._waits, defaultdict(list)
            seen = {kind: latency for kind, values in waits.items() if (latency := Latency.of(values))}
            sample = Sample(
                elapsed_seconds=now - began,
                memory_mb=use.anonymous_bytes / 1e6,
                threads=use.threads,
                descriptors=use.descriptors,
                cpu_share=(use.cpu_seconds - used) / (now - then),
                objects_per_second=(objects - had) / (now - then),
                latency=seen,
            )
            self.samples.append(sample)
            self._say(_line(sample, faults=self._fault_count))

    def _use(self) -> Use:
        return Use.of(group_of(self._server.pid))

    def _wait_for_rest(self, *, most: Rest | None) -> None:
        """Wait until the node takes no more than that, or, without a limit, until it stays as it is."""
        deadline = time.monotonic() + _REST_SECONDS
        last = None
        while time.monotonic() < deadline:
            use = self._use()
            now = Rest(threads=use.threads, descriptors=use.descriptors)
            if now == last if most is None else (now.threads <= most.threads and now.descriptors <= most.descriptors):
                return
            last = now
            time.sleep(1.0)

    def _collect(self) -> None:
        """Take objects out of the spool and compare them, until there are none and no more will come."""
        while True:
            last_look = self._collected.is_set()
            for path in self._server.received():
                uid = str(read_file_meta_info(path).MediaStorageSOPInstanceUID)
                if wrong := self.ledger.found(uid, digest(data_set_bytes(path))):
                    self._fault(wrong)
                path.unlink()
            if last_look:
                return
            self._collected.wait(0.2)


def _line(sample: Sample, *, faults: int) -> str:
    waits = "  ".join(f"{kind} {seen.median_ms:.0f}/{seen.p99_ms:.0f}" for kind, seen in sorted(sample.latency.items()))
    return (
        f"{sample.elapsed_seconds / 60:7.1f} min {sample.memory_mb:6.1f} MB {sample.threads:4} threads"
        f" {sample.descriptors:4} fds {100 * sample.cpu_share:4.0f} % cpu {sample.objects_per_second:6.0f} objects/s"
        f" {faults} faults | ms (median/p99): {waits}"
    )
