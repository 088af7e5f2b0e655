"""Plots as PNG, by matplotlib, which is not part of the product's environment (`HOW_TO_PLOT`)."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.verdict import Sample

HOW_TO_PLOT = "for a plot: .venv/bin/python -m pip install --require-hashes -r requirements/bench.txt"


def can_plot() -> bool:
    """Return whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def plot_soak(samples: Sequence[Sample], path: Path, *, title: str) -> None:
    """Draw memory, threads and descriptors, objects, and latency by kind over time."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (optional)

    minutes = [sample.elapsed_seconds / 60 for sample in samples]
    figure = Figure(figsize=(11, 11), layout="constrained")
    memory, counts, rate, latency = figure.subplots(4, 1, sharex=True)
    figure.suptitle(title)
    memory.plot(minutes, [sample.memory_mb for sample in samples])
    memory.set_ylabel("memory, MB")
    memory.set_ylim(0, 1.2 * max(sample.memory_mb for sample in samples))
    counts.plot(minutes, [sample.threads for sample in samples], label="threads")
    counts.plot(minutes, [sample.descriptors for sample in samples], label="descriptors")
    counts.legend()
    rate.plot(minutes, [sample.objects_per_second for sample in samples], label="objects/s")
    rate.plot(minutes, [100 * sample.cpu_share for sample in samples], label="% of a core")
    rate.legend()
    for kind in sorted({kind for sample in samples for kind in sample.latency}):
        points = [
            (m, sample.latency[kind]) for m, sample in zip(minutes, samples, strict=True) if kind in sample.latency
        ]
        latency.plot([m for m, _ in points], [seen.median_ms for _, seen in points], label=kind)
    latency.set_yscale("log")
    latency.set_ylabel("median, ms")
    latency.set_xlabel("minutes")
    latency.legend(ncols=4, fontsize="small")
    figure.savefig(path)


def plot_receive(rates: Mapping[str, Mapping[str, float]], path: Path, *, title: str) -> None:
    """Draw the ratio of each cell as a bar.

    Args:
        rates: objects/s by server, by cell.
        path: the file.
        title: above it.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (optional)

    cells = list(rates)
    ours, theirs = ([rates[cell].get(server, 0.0) for cell in cells] for server in ("dosewire", "storescp"))
    ratios = [mine / other if other else 0.0 for mine, other in zip(ours, theirs, strict=True)]
    figure = Figure(figsize=(10, 1.5 + 0.35 * len(cells)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(cells, ratios)
    axes.bar_label(
        bars, padding=4, labels=[f"{ratio:.2f}: {mine:.0f}/s" for ratio, mine in zip(ratios, ours, strict=True)]
    )
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xlabel("objects/s of Dosewire, storescp = 1")
    axes.invert_yaxis()
    axes.set_title(title)
    figure.savefig(path)
