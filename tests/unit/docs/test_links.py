import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED_PATH = re.compile(r"`((?:tests|tools|bench|services|shared|scripts|deploy|requirements)/[\w./-]*[\w/])`")
NAMED_TEST = re.compile(r"`((?:unit|integration|interop|faults|corpus|browser|compose)/[\w/]+\.py)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / line for line in listed.splitlines()]


DOCUMENTS = tracked("*.md")


def prose(document: Path) -> str:
    return CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """What a heading is called in an address: lower case, no punctuation, hyphens for spaces."""
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(document)))
    return {heading.strip().replace(" ", "-") for heading in kept}


def test_the_documents_of_the_top_level_are_there() -> None:
    names = {document.name for document in DOCUMENTS if document.parent == ROOT}
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} <= names
    assert (ROOT / "LICENSE").is_file()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(prose(document)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_document_is_found_from_the_index(document: Path) -> None:
    index = ROOT / "docs" / "README.md"
    assert document == index or document.name in LINK.findall(prose(index))


@pytest.mark.parametrize(
    "document",
    [one for one in DOCUMENTS if one.name != "CHANGELOG.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_file_and_folder_that_is_named_is_there(document: Path) -> None:
    text = prose(document)
    named = [*NAMED_PATH.findall(text), *(f"tests/{path}" for path in NAMED_TEST.findall(text))]
    assert [path for path in named if not (ROOT / path).exists()] == []
