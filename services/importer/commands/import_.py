"""`dosewire import`: give files to the importers, as if a modality had sent them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.importer.commands.intake import SpoolUnwritable, find_files, take_in
from services.importer.commands.outcomes import Known, wait_for
from shared.broker.publisher import Publisher
from shared.database.engine import make_engine
from shared.database.models import ObjectState
from shared.errors import Unavailable, UnreadableObject
from shared.messages import ImportObject
from shared.settings import AmqpUrl, DatabaseUrl, EnvironmentSettings, load
from shared.spool.folders import Spool

_NOT_IMPORTED = 1


class ImportSettings(EnvironmentSettings):
    """The settings of the command."""

    amqp_url: AmqpUrl
    data_dir: Path


class WaitSettings(ImportSettings):
    """The settings of the command with `--wait`."""

    database_url: DatabaseUrl


@click.command(name="import")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", type=click.Path(exists=True, path_type=Path)
)
@click.option("--wait", is_flag=True, help="Wait until all are imported, and say what became of each.")
@click.option("--timeout", default=600.0, show_default=True, metavar="SECONDS", help="How long to wait at most.")
def import_(paths: tuple[Path, ...], *, wait: bool, timeout: float) -> None:
    """Copy each FILE_OR_FOLDER into the spool and have it imported. The files themselves are never changed or deleted.

    Files that are not DICOM objects are named on standard error and left out. With RabbitMQ away the copies are
    safe in the spool, and are imported when it is back. Exit status 1: something was left out, could not be
    imported, or is not known to be imported when the time is over.
    """
    settings = load(WaitSettings) if wait else load(ImportSettings)
    spool = Spool(root=settings.data_dir)
    spool.prepare()
    files = list(find_files(paths))
    with Publisher(amqp_url=settings.amqp_url.get_secret_value(), name="dosewire-import") as publisher:
        taken = _take_in(files, spool, publisher)
    click.echo(f"{len(taken.trace_ids)} of {len(files)} files are in the spool", err=True)
    for problem in taken.problems:
        click.echo(f"dosewire import: {problem}", err=True)
    everything_imported = True
    if isinstance(settings, WaitSettings) and taken.trace_ids:
        everything_imported = _say_what_became(settings, taken.trace_ids, timeout=timeout)
    if len(taken.trace_ids) < len(files) or not everything_imported:
        raise SystemExit(_NOT_IMPORTED)


@dataclass(slots=True)
class _Copied:
    """The trace ids of the files that were copied into the spool, and messages about the other files."""

    trace_ids: dict[Path, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _take_in(files: list[Path], spool: Spool, publisher: Publisher) -> _Copied:
    """Copy and publish. After the first failure to publish no further one is tried."""
    taken = _Copied()
    published = True
    with _progress("copying", total=len(files)) as advance:
        for number, file in enumerate(files, 1):
            try:
                message = take_in(file, spool)
            except SpoolUnwritable as error:
                taken.problems.append(str(error))
                break
            except (OSError, UnreadableObject) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                click.echo(f"{file}: left out: {reason}", err=True)
                continue
            taken.trace_ids[file] = message.trace_id
            published = published and _publish(publisher, message, taken.problems)
            advance(number)
    return taken


def _publish(publisher: Publisher, message: ImportObject, problems: list[str]) -> bool:
    try:
        publisher.publish(message)
    except Unavailable as error:
        problems.append(f"{error}. The objects are safe in the spool; store_scp publishes them when RabbitMQ is back.")
        return False
    return True


def _say_what_became(settings: WaitSettings, taken: Mapping[Path, str], *, timeout: float) -> bool:
    """Print an outcome for each file; return False if any of them failed or is still open."""
    engine = make_engine(database_url=settings.database_url.get_secret_value(), name="dosewire-import", pool_size=1)
    try:
        with _progress("importing", total=len(taken)) as advance:
            known = wait_for(list(taken.values()), engine=engine, timeout=timeout, on_progress=advance)
    finally:
        engine.dispose()
    for file, trace_id in taken.items():
        click.echo(f"{file}: {_words(known.get(trace_id))}")
    return all(trace_id in known and known[trace_id].state is not ObjectState.FAILED for trace_id in taken.values())


def _words(known: Known | None) -> str:
    if known is None:
        return "not imported yet"
    return f"{known.state.value}: {known.reason}" if known.reason else known.state.value


class _Advance:
    """A function that advances a progress bar."""

    def __init__(self, progress: Progress, *, label: str, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=total)

    def __call__(self, done: int) -> None:
        self._progress.update(self._task, completed=done)


@contextmanager
def _progress(label: str, *, total: int) -> Iterator[_Advance]:
    """Show a progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Advance(progress, label=label, total=total)
