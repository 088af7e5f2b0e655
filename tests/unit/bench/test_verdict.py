from dataclasses import replace

import pytest

from bench.verdict import Latency, Limits, Rest, Sample, memory_growth_mb, problems

REST = Rest(threads=40, descriptors=60)


def sample(*, memory_mb: float = 80.0, echo_ms: float | None = 5.0) -> Sample:
    echo = Latency.of([echo_ms / 1000]) if echo_ms is not None else None
    return Sample(
        elapsed_seconds=1.0,
        memory_mb=memory_mb,
        threads=30,
        descriptors=50,
        cpu_share=0.1,
        objects_per_second=100.0,
        latency={"echo": echo} if echo else {},
    )


def found(samples: list[Sample], after: Rest = REST) -> list[str]:
    return problems(samples, before=REST, after=after, limits=Limits())


def test_a_steady_run_has_no_problems() -> None:
    assert found([sample()] * 30) == []


def test_what_is_allocated_at_the_beginning_is_no_growth() -> None:
    samples = [sample(memory_mb=40.0 + number) for number in range(20)] + [sample(memory_mb=60.0)] * 80
    assert memory_growth_mb(samples) == 0
    assert found(samples) == []


def test_memory_that_grows_all_the_time_is_a_leak() -> None:
    assert found([sample(memory_mb=60.0 + number) for number in range(60)]) == ["memory has grown by 32.0 MB"]


def test_a_peak_of_memory_is_said() -> None:
    assert found([sample()] * 50 + [sample(memory_mb=400.0)] + [sample()] * 50) == ["memory has reached 400 MB"]


def test_threads_and_descriptors_that_stay_are_said() -> None:
    assert found([sample()], after=replace(REST, threads=41)) == ["41 threads at the end, 40 at most were expected"]
    assert found([sample()], after=replace(REST, descriptors=61))[0].startswith("61 descriptors")


@pytest.mark.parametrize(
    ("echo_ms", "words"), [(None, "no C-ECHO was answered"), (250.0, "the median of C-ECHO is 250 ms")]
)
def test_echoes_that_are_late_or_never_come_are_said(echo_ms: float | None, words: str) -> None:
    assert found([sample(echo_ms=echo_ms)] * 3) == [words]


def test_latency_is_given_in_milliseconds() -> None:
    assert Latency.of([]) is None
    assert Latency.of([number / 1000 for number in range(1, 101)]) == Latency(
        count=100, median_ms=50.5, p99_ms=100.0, slowest_ms=100.0
    )
