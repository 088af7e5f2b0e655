"""The whole of Dosewire for daily work in a checkout: `python -m tools.demo.up`, started by `scripts/up`."""

import os
from pathlib import Path

import click

from tools.demo.run import run, stay, uninterrupted
from tools.stack.installation import Installation
from tools.stack.processes import CHECKOUT
from tools.stack.progress import Progress


@click.command()
def main() -> None:
    """Start servers and services; keep the data in DOSEWIRE_DATA_DIR (.dosewire in the checkout)."""
    run(bring_up)


def bring_up(progress: Progress) -> None:
    """Starts everything and stays until Ctrl-C."""
    folder = Path(os.environ.get("DOSEWIRE_DATA_DIR") or CHECKOUT / ".dosewire").resolve()
    installation = Installation(folder=folder, environ=os.environ, progress=progress, keep=True)
    try:
        installation.start()
        progress.say(f"The page: {installation.api.page}")
        progress.say(f"The API: {installation.api.page}api/v1, described in {installation.api.page}openapi.json")
        progress.say(f"Data: {folder}")
        stay(installation, progress)
    finally:
        with uninterrupted():
            installation.stop()


if __name__ == "__main__":
    main()
