"""A reader of multipart/related (RFC 2387, RFC 2046 section 5.1) for parts of any length, in bounded memory.

Each part becomes a temporary file. What is kept in memory is a piece of the stream and the head of a part.
"""

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

LONGEST_HEAD = 2**14
LONGEST_BOUNDARY = 200  # RFC 2046 allows 70; what works is accepted
_END_OF_DELIMITER = re.compile(rb"--|[ \t]*\r\n")
_MAYBE_END_OF_DELIMITER = re.compile(rb"-?|[ \t]*\r?")


class MultipartError(ValueError):
    """The stream is not valid multipart/related; the text has the fault."""


class Truncated(MultipartError):
    """The stream ends before its final boundary: the parts so far are complete, but others are missing."""


def media_type(content_type: str) -> str:
    """Return the media type of a Content-Type in lower case, without its parameters."""
    return _parsed(content_type).get_content_type()


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a Content-Type names, in quotes or not.

    Raises:
        MultipartError: it names none.
    """
    boundary = _parsed(content_type).get_boundary() or ""
    if not boundary or len(boundary) > LONGEST_BOUNDARY or not boundary.isascii():
        raise MultipartError("names no boundary of its parts")
    return boundary.encode("ascii")


def _parsed(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    return message


def parts(pieces: Iterable[bytes], *, boundary: bytes, folder: Path | None, most_bytes: int) -> Iterator[Path]:
    """Yield a file for each complete part, as it comes; it is deleted when the next one is asked for.

    Args:
        pieces: the stream, cut anywhere.
        boundary: between the parts, without the leading hyphens.
        folder: where the files are made; None: where temporary files belong.
        most_bytes: the longest part that is accepted.

    Raises:
        Truncated: the final boundary has not come.
        MultipartError: the head of a part, or a part, is too long.
        OSError: a file cannot be written.
    """
    stream = _Stream(pieces, b"\r\n--" + boundary)
    for _ in stream.until_delimiter():
        pass  # the preamble means nothing
    while not stream.is_over:
        stream.skip_head()
        with NamedTemporaryFile(dir=folder, prefix="dosewire-", suffix=".dcm") as file:
            _write(stream, file, most_bytes)
            yield Path(file.name)


def _write(stream: "_Stream", file: IO[bytes], most_bytes: int) -> None:
    length = 0
    for piece in stream.until_delimiter():
        length += len(piece)
        if length > most_bytes:
            raise MultipartError(f"holds an object of more than {most_bytes} bytes")
        file.write(piece)
    file.flush()


class _Stream:
    """The received bytes that are not used yet; `is_over` after the final boundary."""

    def __init__(self, pieces: Iterable[bytes], delimiter: bytes) -> None:
        self._pieces = iter(pieces)
        self._delimiter = delimiter
        self._buffer = bytearray(b"\r\n")  # the first boundary may stand at the very beginning
        self.is_over = False

    def until_delimiter(self) -> Iterator[bytes]:
        """Yield the bytes before the next delimiter, and skip the delimiter."""
        start = 0
        while True:
            found = self._buffer.find(self._delimiter, start)
            if found >= 0:
                after = found + len(self._delimiter)
                end = _END_OF_DELIMITER.match(self._buffer, after)
                if end is not None:
                    self.is_over = end.group() == b"--"  # asked of the buffer as it is
                    yield bytes(self._buffer[:found])
                    del self._buffer[: end.end()]
                    return
                if _MAYBE_END_OF_DELIMITER.fullmatch(self._buffer, after) is None:
                    start = found + 1  # it only begins like one
                    continue
                keep_from = found
            else:
                keep_from = max(len(self._buffer) - len(self._delimiter) + 1, 0)
            if keep_from:
                yield bytes(self._buffer[:keep_from])
                del self._buffer[:keep_from]
            start = 0
            if len(self._buffer) > LONGEST_HEAD:
                raise MultipartError("has blanks without end after a boundary")
            self._read()

    def skip_head(self) -> None:
        """Skip the fields of a part and the empty line after them; none of them is used."""
        while not self._buffer.startswith(b"\r\n"):
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                del self._buffer[: end + 4]
                # What comes is content, even if it looks like a delimiter that needs its own line break.
                return
            if len(self._buffer) > LONGEST_HEAD:
                raise MultipartError("holds a part whose head does not end")
            self._read()
        del self._buffer[:2]

    def _read(self) -> None:
        for piece in self._pieces:
            if piece:
                self._buffer += piece
                return
        raise Truncated("ends before its final boundary")
