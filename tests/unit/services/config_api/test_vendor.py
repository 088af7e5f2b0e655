"""Files of others that the page needs: they come from here, as a hospital has no internet, and nobody changes them."""

import hashlib
import re
from pathlib import Path

import pytest

import services.config_api as package

ROOT = Path(package.__file__).parent
VENDOR = ROOT / "static" / "vendor"
ROW = re.compile(
    r"^\| `([^`]+)` \| npm `([^`]+)`.* \| ([0-9.]+) \| \w+, `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE
)
ROWS = ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8"))


def test_every_vendored_file_is_listed() -> None:
    listed = {name for row in ROWS for name in (row[0], row[3])} | {"README.md"}
    assert listed == {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_vendored_file_is_what_was_published(row: tuple[str, ...]) -> None:
    name, _, version, licence, checksum = row
    content = (VENDOR / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == checksum
    assert version.encode() in content
    assert (VENDOR / licence).stat().st_size > 100


def test_our_pages_fetch_nothing_from_elsewhere() -> None:
    own = [*ROOT.rglob("*.html"), *(ROOT / "static").glob("*.js"), *(ROOT / "static").glob("*.css")]
    assert len(own) > 20
    for path in own:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(|@import|fetch\(["']http""", text), path


def test_templates_hold_neither_scripts_nor_styles() -> None:
    """The content security policy forbids them, and nothing may turn off escaping."""
    for path in ROOT.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script>|<style|\sstyle=|\son\w+=|\|\s*safe|autoescape|javascript:", text), path
