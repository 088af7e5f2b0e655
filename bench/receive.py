"""The rate at which a Store SCP takes objects: `dosewire store`, which syncs each to disk, beside DCMTK's storescp.

    .venv/bin/python -m bench.receive --repetitions 3 --json receive.json --png receive.png

storescp runs in its fastest mode: a process an association, data sets written as they come, never synced. The servers
take turns in each repetition, because a machine is not equally fast all the time: ratios of one run compare, figures
of two do not. Senders are processes of their own with PDUs encoded in advance; each waits for the response before it
sends its next object, and each response is checked.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import click

from bench.plot import HOW_TO_PLOT, can_plot, plot_receive
from bench.sending import rate
from bench.servers import Dosewire, Server, Storescp
from tools.stack.programs import system_path

SIZES = {"22kB": 22_000, "62kB": 62_000, "525kB": 525_000, "30.7MB": 30_700_000}
MODES = ("many", "one")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One measurement: size of objects, objects per association, number of associations."""

    size: str
    mode: str
    associations: int

    def __str__(self) -> str:
        return f"{self.size} {self.mode} {self.associations}"


def measure(cell: Cell, server: Server, *, nagle: bool, seconds: float) -> float:
    """Return the objects/s of one turn, and empty the server's folder."""
    objects = rate(
        port=server.port,
        size=SIZES[cell.size],
        many=cell.mode == "many",
        nagle=nagle,
        associations=cell.associations,
        seconds=seconds,
    )
    for path in server.received():
        path.unlink()
    return objects


def environment() -> dict[str, str]:
    """Return the machine and the versions that figures depend on."""
    said = subprocess.run(["storescp", "--version"], capture_output=True, text=True, check=False, env=_PATH).stdout
    model = next((line.partition(":")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {
        "processor": f"{len(os.sched_getaffinity(0))} of {model.strip()}",
        "system": platform.platform(),
        "python": platform.python_version(),
        "dcmtk": said.partition("$dcmtk: storescp ")[2].partition(" ")[0],
    }


_PATH = {"PATH": system_path()}


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


def _several(names: str, allowed: dict[str, int] | tuple[str, ...]) -> list[str]:
    chosen = names.split(",")
    if unknown := [name for name in chosen if name not in allowed]:
        raise click.BadParameter(f"{', '.join(unknown)}; there are {', '.join(allowed)}")
    return chosen


@click.command(help=__doc__)
@click.option("--sizes", default=",".join(SIZES), show_default=True, callback=lambda _c, _p, v: _several(v, SIZES))
@click.option("--modes", default=",".join(MODES), show_default=True, callback=lambda _c, _p, v: _several(v, MODES))
@click.option("--associations", default="1,4,16", show_default=True, help="At the same time.")
@click.option("--seconds", default=2.0, show_default=True, help="Of each turn.")
@click.option("--nagle", is_flag=True, help="Senders write PDU header and body apart, with Nagle's algorithm on.")
@click.option("--repetitions", default=3, show_default=True, help="Turns of each server; their median counts.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Where objects go: the disk to measure."
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Where figures go.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Where a plot goes.")
def main(
    *,
    sizes: list[str],
    modes: list[str],
    associations: str,
    seconds: float,
    repetitions: int,
    nagle: bool,
    folder: Path | None,
    json_file: Path | None,
    png: Path | None,
) -> None:
    """Measure, and print a line a cell."""
    if png is not None and not can_plot():
        raise click.UsageError(HOW_TO_PLOT)
    cells = [
        Cell(size=size, mode=mode, associations=int(number))
        for size in sizes
        for mode in modes
        for number in associations.split(",")
    ]
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    where = environment()
    click.echo("\n".join(f"{name}: {value}" for name, value in where.items()))
    click.echo(f"{'cell':16} {'dosewire/s':>11} {'storescp/s':>11} {'ratio':>7}")
    with (
        tempfile.TemporaryDirectory(prefix="dosewire-receive-", dir=folder) as work,
        Dosewire(folder=Path(work) / "dosewire") as ours,
        Storescp(folder=Path(work) / "storescp") as theirs,
    ):
        servers: dict[str, Server] = {"dosewire": ours, "storescp": theirs}
        for cell in cells:
            turns: dict[str, list[float]] = defaultdict(list)
            for _ in range(repetitions):
                for name, server in servers.items():
                    turns[name].append(measure(cell, server, nagle=nagle, seconds=seconds))
            medians = {name: statistics.median(values) for name, values in turns.items()}
            ratio = statistics.median(a / b for a, b in zip(turns["dosewire"], turns["storescp"], strict=True))
            rates[str(cell)] = medians | {"ratio": ratio}
            click.echo(f"{cell!s:16} {medians['dosewire']:11.1f} {medians['storescp']:11.1f} {ratio:7.2f}")
    if json_file is not None:
        document = {"environment": where, "command": sys.argv[1:], "objects_per_second": rates}
        json_file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if png is not None:
        plot_receive(rates, png, title="C-STORE, objects received per second")


if __name__ == "__main__":
    main()
