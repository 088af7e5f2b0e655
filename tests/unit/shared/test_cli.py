from importlib.metadata import EntryPoint, EntryPoints, entry_points

import click
import pytest
from click.testing import CliRunner

from shared import cli
from shared.errors import DosewireError, SettingsError


@pytest.mark.parametrize("point", entry_points(group=cli.COMMANDS), ids=lambda point: point.name)
def test_every_command_loads_and_explains_itself(point: object) -> None:
    name = getattr(point, "name", "")
    result = CliRunner().invoke(cli.group, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Usage:")


def test_the_commands_of_the_issue_are_there() -> None:
    result = CliRunner().invoke(cli.group, ["--help"])
    assert result.exit_code == 0
    for name in ("extract", "import", "status", "nodes"):
        assert f"\n  {name} " in result.output


def test_the_commands_of_services_that_are_not_installed_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("here", "json.tool:main", cli.COMMANDS),
        EntryPoint("no-module", "services.nowhere:main", cli.COMMANDS),
        EntryPoint("no-package", "services.nowhere.commands:main", cli.COMMANDS),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: EntryPoints(points).select(group=group))
    assert cli.group.list_commands(click.Context(cli.group)) == ["here"]
    assert cli.group.get_command(click.Context(cli.group), "no-package") is None


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(cli.group, ["exctract"])
    assert result.exit_code == 2
    assert "exctract" in result.output


@pytest.mark.parametrize(
    ("error", "status", "printed"),
    [
        (SettingsError(["DOSEWIRE_A: is not set", "DOSEWIRE_B: is not a number"]), 2, "dosewire: DOSEWIRE_B: is not"),
        (DosewireError("the database is away"), 1, "dosewire: the database is away\n"),
    ],
)
def test_our_errors_are_lines_not_tracebacks(
    error: DosewireError, status: int, printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(cli, "group", lambda: failing(args=[], standalone_mode=False))
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == status
    assert printed in capsys.readouterr().err
