"""The corpus of real dose objects, which is never part of the repository (docs/development.md, The corpus)."""

from pathlib import Path

import pytest

from tools.corpus.folder import VARIABLE, find_corpus


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder with `files/`."""
    folder = find_corpus()
    if folder is None:
        pytest.skip(f"needs real dose objects: scripts/corpus brings them, or {VARIABLE} names their folder")
    return folder


@pytest.fixture(scope="session")
def facts(corpus: Path) -> Path:
    """Return the folder with `expected.json`, `qr_cases.json` and `vectors.json`, known answers that are not public."""
    if not (corpus / "expected.json").is_file():
        pytest.skip(f"needs the known answers about the corpus, and {corpus} has the objects alone")
    return corpus
