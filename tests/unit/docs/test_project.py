import re
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

from shared import cli

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SERVICES = ("store_scp", "importer", "qr", "config_api")


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == PROJECT["version"]
    assert version("dosewire") == PROJECT["version"]


def test_the_installed_commands_are_those_of_the_project() -> None:
    installed = {point.name: point.value for point in entry_points(group=cli.COMMANDS) if point.dist}
    assert installed == PROJECT["entry-points"][cli.COMMANDS]


def test_every_service_has_its_extra_its_requirements_and_its_image() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for service in SERVICES:
        assert service.replace("_", "-") in PROJECT["optional-dependencies"]
        assert (ROOT / "requirements" / f"{service}.txt").is_file()
        assert f"FROM runtime AS run-{service}\n" in dockerfile
        assert f'CMD ["python", "-m", "services.{service}"]' in dockerfile


def test_requirements_are_pinned_with_hashes() -> None:
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        blocks = re.split(r"\n(?=\S)", file.read_text(encoding="utf-8").strip())
        for block in blocks:
            assert re.match(r"[a-z0-9._-]+==\S+", block), f"{file.name}: {block.splitlines()[0]}"
            assert "--hash=sha256:" in block, f"{file.name}: {block.splitlines()[0]}"
