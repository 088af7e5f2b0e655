"""Hours of mixed traffic against a store node, and a verdict at the end.

    .venv/bin/python -m bench.soak --minutes 240 --interval 60 --json soak.json --png soak.png

Starts a node on loopback (`dosewire store`) and calls it as scanners, PACSs, load balancers and strangers do, all at
the same time (`bench.traffic`). Objects are taken out of its spool as an importer does, and compared with what was
sent. A line for each interval has the node's use of the machine and the waiting times of its peers. The exit status is
0 when nothing was wrong.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from bench.plot import HOW_TO_PLOT, can_plot, plot_soak
from bench.servers import Dosewire
from bench.soak_run import NETWORK_TIMEOUT_SECONDS, Soak
from bench.verdict import Limits, memory_growth_mb


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="dosewire-soak-") as made:
        yield Path(made)


@click.command(help=__doc__)
@click.option("--minutes", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="How long it runs.")
@click.option("--interval", type=click.FloatRange(min=0.5), default=10.0, show_default=True, help="Seconds a line.")
@click.option("--spool", type=click.Path(file_okay=False, path_type=Path), help="The node's folder; it is left there.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Where figures go.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Where a plot goes.")
@click.option(
    "--echo-median-ms", type=float, default=Limits().echo_median_ms, show_default=True, help="The most for a C-ECHO."
)
def main(
    *,
    minutes: float,
    interval: float,
    spool: Path | None,
    json_file: Path | None,
    png: Path | None,
    echo_median_ms: float,
) -> None:
    """Run a soak, print as it goes, and end with its verdict."""
    if png is not None and not can_plot():
        raise click.UsageError(HOW_TO_PLOT)
    with _folder(spool) as folder, Dosewire(folder=folder, network_timeout_seconds=NETWORK_TIMEOUT_SECONDS) as server:
        soak = Soak(server=server, limits=Limits(echo_median_ms=echo_median_ms), say=click.echo)
        found = soak.run(seconds=60 * minutes, interval=interval)
    acts = ", ".join(f"{count} x {kind}" for kind, count in sorted(soak.acts.items()))
    click.echo(f"{acts}; {soak.ledger.succeeded} objects safe; memory grew by {memory_growth_mb(soak.samples):.1f} MB")
    for fault in soak.faults:
        click.echo(f"   {fault}")
    verdict = "passed" if not found else "FAILED: " + "; ".join(found)
    click.echo(f"== {verdict}")
    if json_file is not None:
        samples = [asdict(sample) for sample in soak.samples]
        document = {"verdict": verdict, "problems": found, "faults": soak.faults, "acts": soak.acts, "samples": samples}
        json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if png is not None:
        plot_soak(soak.samples, png, title=f"{minutes:g} minutes of mixed traffic: {verdict}")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
