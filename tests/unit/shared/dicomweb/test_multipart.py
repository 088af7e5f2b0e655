import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dicomweb.multipart import LONGEST_HEAD, MultipartError, Truncated, boundary_of, media_type, parts

BOUNDARY = b"b0und"
NO_HEAD = b"\r\n"
HEAD = b"Content-Type: application/dicom\r\n\r\n"
PLENTY = 1 << 30


def stream(*contents: bytes, head: bytes = HEAD, preamble: bytes = b"", end: bytes = b"--\r\n") -> bytes:
    delimiter = b"--" + BOUNDARY
    body = b"".join(b"\r\n" + delimiter + b"\r\n" + head + content for content in contents)
    return preamble + body.removeprefix(b"" if preamble else b"\r\n") + b"\r\n" + delimiter + end


def read(pieces: Iterable[bytes], *, most_bytes: int = PLENTY) -> list[bytes]:
    return [path.read_bytes() for path in parts(pieces, boundary=BOUNDARY, folder=None, most_bytes=most_bytes)]


def cut(content: bytes, at: Iterable[int]) -> list[bytes]:
    places = sorted({min(place, len(content)) for place in at} | {0, len(content)})
    return [content[first:last] for first, last in pairwise(places)]


CONTENT = (
    st.lists(
        st.sampled_from([b"\r", b"\n", b"-", b"--b0und", b"\r\n--b0un", b"\r\n--b0undX", b"\r\n\r\n", b"\0", b"DICM"])
    )
    .map(b"".join)
    .filter(lambda content: re.search(rb"\r\n--b0und(?!X)", content) is None)
)
"""What looks like a boundary, and is none."""


@given(st.lists(CONTENT, max_size=4), st.lists(st.integers(0, 300)), st.sampled_from([HEAD, NO_HEAD]), st.booleans())
def test_parts_come_whole_wherever_the_stream_is_cut(
    contents: list[bytes], places: list[int], head: bytes, preamble: bool
) -> None:
    whole = stream(*contents, head=head, preamble=b"no part\r\n" if preamble else b"")

    assert read(cut(whole, places)) == contents


def test_byte_by_byte() -> None:
    content = stream(b"one", b"", b"\r\n--b0undX three")
    assert read(content[place : place + 1] for place in range(len(content))) == [b"one", b"", b"\r\n--b0undX three"]


@pytest.mark.parametrize("end", [b"--", b"--\r\nan epilogue\r\n--b0und\r\n", b"-- "])
def test_what_comes_after_the_final_boundary_means_nothing(end: bytes) -> None:
    assert read([stream(b"one", end=end)]) == [b"one"]


def test_blanks_after_a_boundary() -> None:
    assert read([stream(b"one").replace(b"--b0und\r\n", b"--b0und \t\r\n")]) == [b"one"]


@pytest.mark.parametrize("length", range(len(stream(b"one", b"two")) - 3))
def test_a_stream_without_its_end_gives_what_is_complete_and_says_so(length: int) -> None:
    whole = stream(b"one", b"two")
    found: list[bytes] = []

    pieces = parts([whole[:length]], boundary=BOUNDARY, folder=None, most_bytes=PLENTY)
    with pytest.raises(Truncated):
        found.extend(path.read_bytes() for path in pieces)

    assert found in ([], [b"one"], [b"one", b"two"])


def test_large_parts_take_no_memory() -> None:
    piece, count = bytes(1 << 16), 512
    largest = 0

    def pieces() -> Iterator[bytes]:
        yield b"--b0und\r\n\r\n"
        for _ in range(count):
            yield piece
        yield b"\r\n--b0und--"

    for path in parts(pieces(), boundary=BOUNDARY, folder=None, most_bytes=PLENTY):
        largest = path.stat().st_size
    assert largest == count * len(piece)


def test_files_are_gone_afterwards(tmp_path: Path) -> None:
    for _ in parts([stream(b"one", b"two")], boundary=BOUNDARY, folder=tmp_path, most_bytes=PLENTY):
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []

    with pytest.raises(Truncated):
        read([stream(b"one")[:40]])


@pytest.mark.parametrize(
    "content",
    [
        stream(bytes(101)),
        b"--b0und\r\n" + b"X: " + bytes(LONGEST_HEAD),
        b"--b0und" + b" " * (LONGEST_HEAD + 10),
    ],
)
def test_nothing_grows_without_end(content: bytes) -> None:
    with pytest.raises(MultipartError) as raised:
        read(cut(content, range(0, len(content), 1000)), most_bytes=100)
    assert not isinstance(raised.value, Truncated)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related; boundary=b0und",
        'multipart/related; type="application/dicom"; boundary="b0und"',
        'Multipart/Related;boundary="b0und";type=application/dicom',
        "multipart/related; type=application/dicom; BOUNDARY=b0und",
    ],
)
def test_boundaries_in_quotes_or_not(content_type: str) -> None:
    assert media_type(content_type) == "multipart/related"
    assert boundary_of(content_type) == BOUNDARY


@pytest.mark.parametrize("content_type", ["multipart/related", "multipart/related; boundary=", "", "a\r\nb"])
def test_without_a_boundary(content_type: str) -> None:
    with pytest.raises(MultipartError):
        boundary_of(content_type)
