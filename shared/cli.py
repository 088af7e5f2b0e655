"""The command line `dosewire`: a group whose commands come from the services that are installed.

Each service names its commands as entry points of the group `dosewire.commands` (see `pyproject.toml`).
"""

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

import click

from shared.errors import DosewireError, SettingsError

COMMANDS = "dosewire.commands"


class EntryPointGroup(click.Group):
    """Loads a command only when it is called: `dosewire extract` needs no web framework."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names of the installed commands, sorted."""
        return sorted(_installed())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, or None where there is none of that name."""
        found = _installed().get(cmd_name)
        if found is None:
            return None
        command = found.load()
        if not isinstance(command, click.Command):
            raise TypeError(f"entry point {cmd_name} is not a click command")
        return command


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMANDS) if _is_there(point.module)}


def _is_there(module: str) -> bool:
    """Tell whether a module is installed: the image of one service lists the commands of all services."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False


@click.group(cls=EntryPointGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dosewire")
def group() -> None:
    """Receive, retrieve, read and store radiation dose objects."""


def main() -> None:
    """Run the command line; errors of ours are shown as a line each, without a traceback."""
    try:
        group()
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"dosewire: {problem}", err=True)
        raise SystemExit(2) from None
    except DosewireError as error:
        click.echo(f"dosewire: {error}", err=True)
        raise SystemExit(1) from None
