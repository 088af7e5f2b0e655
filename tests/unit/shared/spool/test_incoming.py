import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.spool.incoming import Incoming, IncomingFile
from shared.spool.trace import new_trace_id


@pytest.fixture(params=[True, False], ids=["unnamed", "partial name"])
def incoming(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Incoming]:
    incoming = Incoming(folder=tmp_path, unnamed=request.param)
    yield incoming
    incoming.close()


def test_a_committed_file_has_all_its_bytes_and_its_name(incoming: Incoming, tmp_path: Path) -> None:
    file = incoming.create()
    file.write([b"one ", memoryview(b"two ")])
    file.write([bytearray(b"three")])
    trace_id = new_trace_id()
    file.commit(trace_id)
    assert [path.name for path in tmp_path.iterdir()] == [f"{trace_id}.dcm"]
    assert (tmp_path / f"{trace_id}.dcm").read_bytes() == b"one two three"


def test_a_discarded_file_leaves_nothing(incoming: Incoming, tmp_path: Path) -> None:
    file = incoming.create()
    file.write([b"half"])
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_more_buffers_than_the_system_takes_at_once_are_written(incoming: Incoming, tmp_path: Path) -> None:
    file = incoming.create()
    file.write([bytes([number % 256]) for number in range(5000)])
    file.commit(trace_id := new_trace_id())
    assert (tmp_path / f"{trace_id}.dcm").read_bytes() == bytes(number % 256 for number in range(5000))


def test_what_a_system_call_leaves_is_written_by_the_next(
    incoming: Incoming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.writev", lambda descriptor, buffers: os.write(descriptor, bytes(buffers[0])[:3]))
    file = incoming.create()
    file.write([b"0123", b"", b"456789", b"x"])
    file.commit(trace_id := new_trace_id())
    assert (tmp_path / f"{trace_id}.dcm").read_bytes() == b"0123456789x"


def test_many_threads_make_their_files_durable(incoming: Incoming, tmp_path: Path) -> None:
    def store(number: int) -> str:
        file = incoming.create()
        file.write([b"%d" % number])
        file.commit(trace_id := new_trace_id())
        assert (tmp_path / f"{trace_id}.dcm").read_bytes() == b"%d" % number
        return trace_id

    with ThreadPoolExecutor(16) as pool:
        trace_ids = list(pool.map(store, range(200)))
    assert {path.stem for path in tmp_path.iterdir()} == set(trace_ids)


def test_where_the_folder_cannot_be_synced_the_object_counts_as_not_stored(
    incoming: Incoming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    file = incoming.create()
    file.write([b"whole"])
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fsync)
        with pytest.raises(OSError, match="Input/output error"):
            file.commit(new_trace_id())
    assert list(tmp_path.iterdir()) == []
    again = incoming.create()
    again.commit(trace_id := new_trace_id())
    assert (tmp_path / f"{trace_id}.dcm").exists()


def test_a_partial_file_that_somebody_removed_is_not_usable(tmp_path: Path) -> None:
    incoming = Incoming(folder=tmp_path, unnamed=False)
    file: IncomingFile = incoming.create()
    assert file.usable
    for path in tmp_path.iterdir():
        path.unlink()
    assert not file.usable
    file.discard()
    incoming.close()


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Incoming(folder=tmp_path / "missing")


def test_a_folder_that_was_replaced_takes_nothing(incoming: Incoming, tmp_path: Path) -> None:
    file = incoming.create()
    away = tmp_path.with_name("away")
    tmp_path.rename(away)
    tmp_path.mkdir()
    with pytest.raises(OSError, match="moved away or replaced"):
        file.commit(new_trace_id())
    assert list(tmp_path.iterdir()) == list(away.glob("*.dcm")) == []


def test_a_large_file_is_on_its_way_to_the_disk_before_it_is_committed(
    incoming: Incoming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[int, int]] = []
    real = os.posix_fadvise

    def posix_fadvise(descriptor: int, start: int, length: int, advice: int) -> None:
        begun.append((start, length))
        real(descriptor, start, length, advice)

    monkeypatch.setattr("os.posix_fadvise", posix_fadvise)
    piece = os.urandom(1024 * 1024)
    file = incoming.create()
    for _ in range(9):
        file.write([piece])
    file.commit(trace_id := new_trace_id())
    assert begun == [(0, 4 * len(piece)), (4 * len(piece), 4 * len(piece))]
    assert (tmp_path / f"{trace_id}.dcm").read_bytes() == piece * 9
