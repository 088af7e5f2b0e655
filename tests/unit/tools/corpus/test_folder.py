"""The folder of the corpus: the one that is named, or the first that is there."""

from pathlib import Path

import pytest

from tools.corpus import folder
from tools.corpus.folder import VARIABLE, find_corpus


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the folders beside and in a checkout that have no corpus yet."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(folder, "BESIDE", tmp_path / "beside")
    monkeypatch.setattr(folder, "OWN", tmp_path / "own")
    return tmp_path / "beside", tmp_path / "own"


def test_the_folder_beside_the_checkout_comes_first(two: tuple[Path, Path]) -> None:
    beside, own = two
    assert find_corpus() is None
    (own / "files").mkdir(parents=True)
    assert find_corpus() == own
    (beside / "files").mkdir(parents=True)
    assert find_corpus() == beside


def test_a_folder_that_is_named_is_the_only_one(
    two: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (two[1] / "files").mkdir(parents=True)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert find_corpus() is None
    (tmp_path / "elsewhere" / "files").mkdir(parents=True)
    assert find_corpus() == tmp_path / "elsewhere"
