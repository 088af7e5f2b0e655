"""The verdict on a long run of a store node. Pure functions."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_WARM_UP_PART = 0.2
"""The first part of a run, which is not judged: the node still allocates memory that it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The waiting times of the peers of one kind."""

    count: int
    median_ms: float
    p99_ms: float
    slowest_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency | None":
        """Return the latency of these waits; None: there were none."""
        if not seconds:
            return None
        ordered = sorted(1000 * value for value in seconds)
        return cls(
            count=len(ordered),
            median_ms=statistics.median(ordered),
            p99_ms=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
            slowest_ms=ordered[-1],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A node's use of the machine at one moment, and its peers' waiting times since the sample before."""

    elapsed_seconds: float
    memory_mb: float
    threads: int
    descriptors: int
    cpu_share: float
    objects_per_second: float
    latency: Mapping[str, Latency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits for a node."""

    memory_growth_mb: float = 10.0
    memory_mb: float = 300.0
    """For all its processes."""
    echo_median_ms: float = 100.0
    """Beside the whole traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The state of a node without peers."""

    threads: int
    descriptors: int


def problems(samples: Sequence[Sample], *, before: Rest, after: Rest, limits: Limits) -> list[str]:
    """Return in words what a run has shown to be wrong with the node's use of the machine.

    Memory is judged by the first and the last third of what comes after the warm-up, by medians.

    Args:
        samples: in the order of time.
        before: the node before the first peer.
        after: the node when the last one has gone.
        limits: what it may do.
    """
    found = []
    growth = memory_growth_mb(samples)
    if growth > limits.memory_growth_mb:
        found.append(f"memory has grown by {growth:.1f} MB")
    highest = max((sample.memory_mb for sample in samples), default=0.0)
    if highest > limits.memory_mb:
        found.append(f"memory has reached {highest:.0f} MB")
    for name, had, has in (
        ("threads", before.threads, after.threads),
        ("descriptors", before.descriptors, after.descriptors),
    ):
        if has > had:
            found.append(f"{has} {name} at the end, {had} at most were expected")
    echoes = [sample.latency["echo"].median_ms for sample in samples if "echo" in sample.latency]
    if not echoes:
        found.append("no C-ECHO was answered")
    elif statistics.median(echoes) > limits.echo_median_ms:
        found.append(f"the median of C-ECHO is {statistics.median(echoes):.0f} ms")
    return found


def memory_growth_mb(samples: Sequence[Sample]) -> float:
    """Return how much more memory there was in the end; 0 where a run was too short to say."""
    settled = [sample.memory_mb for sample in samples[int(_WARM_UP_PART * len(samples)) :]]
    third = len(settled) // 3
    return statistics.median(settled[-third:]) - statistics.median(settled[:third]) if third else 0.0
