"""The command of the simulated PACS: `python -m tools.pacs --destination DOSEWIRE=127.0.0.1:11112`."""

import signal
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import click

from tools.pacs.archive import PLANS, Archive
from tools.pacs.quirks import PROFILES, Quirks
from tools.pacs.server import SimulatedPacs
from tools.peers.certificates import Pair, server_context


def destination(text: str) -> tuple[str, tuple[str, int]]:
    """Read `AETITLE=HOST:PORT`."""
    title, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not title or not host or not port.isdigit():
        raise click.BadParameter(f"{text!r}: must look like DOSEWIRE=127.0.0.1:11112")
    return title, (host, int(port))


@click.command()
@click.option("--ae-title", default="SIMPACS", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option("--port", default=11119, show_default=True, type=int, help="Where it listens; 0: any free port.")
@click.option("--destination", "destinations", multiple=True, help="AETITLE=HOST:PORT that it may send to.")
@click.option("--studies", default=100, show_default=True, type=int, help="How many.")
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), help="Of the studies; today without it.")
@click.option("--days", default=1, show_default=True, type=int, help="Over how many days they are spread.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(sorted(PLANS)), help="Kinds of studies.")
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--profile", default="well-behaved", type=click.Choice(sorted(PROFILES)), help="How it deviates.")
@click.option("--quirks", help="In place of a profile: the fields of Quirks as JSON.")
@click.option("--certificate", type=click.Path(path_type=Path), help="It speaks TLS and shows this; PEM file.")
@click.option("--key", type=click.Path(path_type=Path), help="The private key of that; PEM file.")
@click.option("--statistics", type=click.Path(path_type=Path), help="Write the counts of requests there, as JSON.")
def main(  # noqa: PLR0917 (click gives them by name)
    ae_title: str,
    host: str,
    port: int,
    destinations: tuple[str, ...],
    studies: int,
    first_day: datetime | None,
    days: int,
    kinds: tuple[str, ...],
    seed: int,
    profile: str,
    quirks: str | None,
    certificate: Path | None,
    key: Path | None,
    statistics: Path | None,
) -> None:
    """Answer C-ECHO, C-FIND, C-MOVE and C-GET until Ctrl-C."""
    day: date = first_day.date() if first_day else datetime.now(UTC).date()
    archive = Archive(count=studies, first_day=day, days=days, seed=seed, kinds=kinds or Archive.kinds)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with SimulatedPacs(
        archive=archive,
        quirks=Quirks.model_validate_json(quirks) if quirks else PROFILES[profile],
        ae_title=ae_title,
        host=host,
        port=port,
        destinations=dict(map(destination, destinations)),
        statistics=statistics,
        tls=server_context(Pair(certificate, key)) if certificate is not None and key is not None else None,
    ) as pacs:
        click.echo(f"{ae_title} listens on {host}:{pacs.port} with {studies} studies from {day}", err=True)
        over.wait()


if __name__ == "__main__":
    main()
