import os
from pathlib import Path

import pytest

from shared.durable import fsync_directory, make_directory, write_durably


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What has been synced, in order: the real fsync runs, and its descriptor is looked up."""
    done: list[Path] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return done


def test_content_is_synced_before_it_has_its_name_and_the_name_after(tmp_path: Path, synced: list[Path]) -> None:
    path, partial = tmp_path / "file", tmp_path / "file.part"
    path.write_bytes(b"old")
    write_durably(path, b"new", partial=partial)
    assert path.read_bytes() == b"new"
    assert synced == [partial, tmp_path]
    assert [*tmp_path.iterdir()] == [path]


def test_a_write_that_fails_leaves_the_old_content_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("the disk is full")

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        write_durably(path, b"new", partial=tmp_path / "file.part")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_each_new_directory_is_durable_in_the_one_above(tmp_path: Path, synced: list[Path]) -> None:
    make_directory(tmp_path / "2026" / "11")
    assert (tmp_path / "2026" / "11").is_dir()
    assert synced == [tmp_path, tmp_path / "2026"]
    synced.clear()
    make_directory(tmp_path / "2026" / "11")
    assert synced == []


def test_a_directory_that_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fsync_directory(tmp_path / "missing")


def test_nobody_else_syncs_but_the_folder_of_incoming_objects() -> None:
    root = Path(__file__).parents[3]
    sources = (path for folder in ("services", "shared") for path in sorted((root / folder).rglob("*.py")))
    found = [str(path.relative_to(root)) for path in sources if "fsync(" in path.read_text(encoding="utf-8")]
    assert found == ["shared/durable.py", "shared/spool/incoming.py"]
