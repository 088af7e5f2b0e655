"""`dosewire extract`: read dose objects from files and print their dose as JSON."""

import json
from pathlib import Path

import click

from services.importer.extract import DoseDocument, unreadable
from services.importer.extract import extract as extract_object
from shared.errors import UnreadableObject


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def extract(files: tuple[Path, ...]) -> None:
    """Print the dose that each FILE holds, one JSON document a line.

    Needs neither database nor broker, and prints patient data as the file has it. A FILE without dose gives a
    document that says why; one that cannot be read at all is also named on standard error, and the exit
    status is 1 after the others have been printed.
    """
    failed = False
    for file in files:
        try:
            document = extract_object(file)
        except (OSError, UnreadableObject) as error:
            failed = True
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            click.echo(f"dosewire extract: {file}: {reason}", err=True)
            document = unreadable(reason)
        click.echo(_line(file, document))
    if failed:
        raise SystemExit(1)


def _line(file: Path, document: DoseDocument) -> str:
    return json.dumps({"file": str(file), **document.to_json()}, allow_nan=False)
