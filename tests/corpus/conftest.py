"""The corpus of real dose objects lies beside the checkout, and is never part of it."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder with `files/` and `expected.json`."""
    if not CORPUS.is_dir():
        pytest.skip("needs ../shared/corpus beside the checkout")
    return CORPUS
