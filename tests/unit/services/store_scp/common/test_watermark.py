import errno
from pathlib import Path

import pytest

from services.store_scp.common.watermark import LeastFree, Room, Watermark, show_bytes, why_no_room

GIB = 2**30


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("1GiB", GIB),
        ("1.5 gib", 3 * GIB // 2),
        ("500MB", 500_000_000),
        ("4096", 4096),
        ("0", 0),
        (" 2 TB ", 2 * 10**12),
    ],
)
def test_a_watermark_in_bytes(text: str, size_bytes: int) -> None:
    assert LeastFree.parse(text).of(100 * GIB) == size_bytes


def test_a_watermark_as_a_part_of_the_disk() -> None:
    assert LeastFree.parse("2.5%").of(1000) == 25


@pytest.mark.parametrize("text", ["1GiB", "1.5MiB", "5%", "0.5%", "7B"])
def test_a_watermark_is_written_as_it_is_read(text: str) -> None:
    assert str(LeastFree.parse(text)) == text


@pytest.mark.parametrize("text", ["", "much", "-1GiB", "5 %%", "1 PiB", "91%", "GiB"])
def test_what_is_no_watermark_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        LeastFree.parse(text)


@pytest.mark.parametrize(
    ("free", "stopped", "receives"),
    [(GIB, False, True), (GIB - 1, False, False), (GIB, True, False), (int(1.1 * GIB), True, True), (0, True, False)],
)
def test_reception_stops_below_the_watermark_and_goes_on_somewhat_above_it(
    free: int, stopped: bool, receives: bool
) -> None:
    room = Room(free_bytes=free, total_bytes=100 * GIB, free_files=10)
    assert (why_no_room(room, LeastFree(size_bytes=GIB), stopped=stopped) is None) is receives


def test_a_disk_without_inodes_has_no_room() -> None:
    words = why_no_room(Room(free_bytes=9 * GIB, total_bytes=10 * GIB, free_files=0), LeastFree(), stopped=False)
    assert words is not None
    assert "inodes" in words


def test_a_file_system_that_does_not_count_files_has_room() -> None:
    assert why_no_room(Room(9 * GIB, 10 * GIB, None), LeastFree(size_bytes=GIB), stopped=False) is None


class Disk:
    """A disk whose room a test sets, and a clock that it turns."""

    def __init__(self) -> None:
        self.free = 2 * GIB
        self.now = 0.0
        self.looks = 0
        self.broken = False

    def look(self, _folder: Path) -> Room:
        self.looks += 1
        if self.broken:
            raise OSError(errno.EIO, "Input/output error")
        return Room(free_bytes=self.free, total_bytes=10 * GIB, free_files=100)

    def watermark(self) -> Watermark:
        return Watermark(folder=Path(), least=LeastFree(size_bytes=GIB), look=self.look, clock=lambda: self.now)


def test_the_disk_is_looked_at_twice_a_second_at_most() -> None:
    disk = Disk()
    watermark = disk.watermark()
    for _ in range(1000):
        assert watermark.check() is None
    assert disk.looks == 1
    disk.now = 0.6
    watermark.check()
    assert disk.looks == 2


def test_it_says_why_and_goes_on_by_itself() -> None:
    disk = Disk()
    watermark = disk.watermark()
    assert watermark.check() is None
    disk.now, disk.free = 1.0, GIB // 2
    assert watermark.check() == "the disk has 512.0 MiB left, and 1.0 GiB must stay free"
    disk.now, disk.free = 2.0, GIB + 5
    assert watermark.check() is not None, "a little more than the watermark is not enough to go on"
    disk.now, disk.free = 3.0, 2 * GIB
    assert watermark.check() is None
    assert watermark.room == Room(free_bytes=2 * GIB, total_bytes=10 * GIB, free_files=100)


def test_a_disk_that_cannot_be_looked_at_receives_nothing() -> None:
    disk = Disk()
    disk.broken = True
    watermark = disk.watermark()
    assert watermark.check() == "the disk of the spool cannot be looked at: Input/output error"
    assert watermark.room is None


def test_a_real_disk(tmp_path: Path) -> None:
    assert Watermark(folder=tmp_path, least=LeastFree()).check() is None
    assert "must stay free" in (Watermark(folder=tmp_path, least=LeastFree(size_bytes=10**18)).check() or "")
    assert "cannot be looked at" in (Watermark(folder=tmp_path / "gone", least=LeastFree()).check() or "")


def test_sizes_for_people() -> None:
    assert [show_bytes(size) for size in (0, 1023, 1536, 10**12)] == ["0 B", "1023 B", "1.5 KiB", "931.3 GiB"]
