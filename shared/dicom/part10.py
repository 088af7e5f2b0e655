"""Files as DICOM writes them (PS3.10 section 7): preamble, file meta information, data set."""

import zlib
from dataclasses import dataclass

from shared.dicom.dataset import DataSet
from shared.dicom.elements import DELIMITED, Buffer, Source, is_vr
from shared.dicom.uid import (
    DEFLATED_LITTLE_ENDIAN,
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    GE_PRIVATE_IMPLICIT,
    IMPLICIT_LITTLE_ENDIAN,
)
from shared.errors import UnreadableObject

MAX_INFLATED = 64 * 2**20
"""The most bytes that are inflated: 300 kB can hold 600 MB of zeros; the largest real dose report has 4 MB."""

_PIECE = 2**16

_TRANSFER_SYNTAX_UID = 0x00020010
_GROUP_LENGTH = 0x00020000
_FILE_META_GROUP = b"\x02\0"
_FIRST_GROUPS = range(0x0002, 0x0010, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part10:
    """A parsed file: its file meta information (None when it has none) and the place of its data set.

    It is not `whole` where only the beginning of a deflated data set was inflated. `start` and `end` are of the source,
    which of a deflated data set is what was inflated; in the file the data set begins at `begins_at`.
    """

    meta: DataSet | None
    transfer_syntax_uid: str
    source: Source
    start: int
    end: int
    begins_at: int
    whole: bool = True


def open_part10(data: Buffer, *, inflate_at_most: int | None = None) -> Part10:
    """Take a DICOM file apart. A missing preamble and missing file meta information are tolerated.

    Of a deflated data set no more than `inflate_at_most` bytes are inflated; without it, all, up to `MAX_INFLATED`.

    Raises:
        UnreadableObject: when this is not a DICOM file, with the reason in words.
    """
    size = len(data)
    if size < 8:
        raise UnreadableObject(f"not a DICOM file: {size} bytes long")
    start = 132 if data[128:132] == b"DICM" else 0
    if start == 0 and data[:2] not in _group_bytes():
        raise UnreadableObject("not a DICOM file: no preamble, and it does not begin with a DICOM element")
    meta, start = _file_meta(data, start, size)
    declared = meta.text(_TRANSFER_SYNTAX_UID) if meta else None
    transfer_syntax_uid = declared or _guess(data, start)
    whole, begins_at = True, start
    if transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN:
        data, whole = _inflate(data, start, MAX_INFLATED if inflate_at_most is None else inflate_at_most)
        start = 0
        if not whole and inflate_at_most is None:
            raise UnreadableObject(f"the deflated data set is larger than {MAX_INFLATED} bytes")
    little = transfer_syntax_uid != EXPLICIT_BIG_ENDIAN
    implicit = transfer_syntax_uid in (IMPLICIT_LITTLE_ENDIAN, GE_PRIVATE_IMPLICIT)
    if little and len(data) >= start + 8:  # Some files are not written as they say.
        implicit = not is_vr(data[start + 4 : start + 6])
    return Part10(
        meta=meta,
        transfer_syntax_uid=transfer_syntax_uid,
        source=Source(data, implicit=implicit, little=little),
        start=start,
        end=len(data),
        begins_at=begins_at,
        whole=whole,
    )


def _file_meta(data: Buffer, start: int, size: int) -> tuple[DataSet | None, int]:
    """Return the file meta information and where the data set begins.

    It ends where its group ends, or sooner where its group length (0002,0000) says: what follows may be big
    endian or deflated.
    """
    source = Source(data, implicit=not is_vr(data[start + 4 : start + 6]), little=True)
    position, promised = start, None
    while data[position : position + 2] == _FILE_META_GROUP and position != promised:
        tag, _, value_start, value_stop = next(source.elements(position, size, size), (0, b"", 0, DELIMITED))
        if value_stop == DELIMITED:
            raise UnreadableObject(f"the file meta information is broken at byte {position}")
        if tag == _GROUP_LENGTH and value_stop - value_start == 4:
            promised = value_stop + int.from_bytes(data[value_start:value_stop], "little")
        position = value_stop
    meta = DataSet(source, start, position, limit=position) if position > start else None
    return meta, position


def _group_bytes() -> frozenset[bytes]:
    return frozenset(g.to_bytes(2, order) for g in _FIRST_GROUPS for order in ("little", "big"))


def _guess(data: Buffer, start: int) -> str:
    """Return the transfer syntax that the first element of a data set without file meta looks like."""
    if data[start : start + 1] == b"\0":
        return EXPLICIT_BIG_ENDIAN
    explicit = is_vr(data[start + 4 : start + 6])
    return EXPLICIT_LITTLE_ENDIAN if explicit else IMPLICIT_LITTLE_ENDIAN


def _inflate(data: Buffer, start: int, most: int) -> tuple[bytes, bool]:
    """Return the inflated bytes from `start` on, limited in number, and True if that is all."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    left = most
    try:
        for position in range(start, len(data), _PIECE):
            pieces.append(inflater.decompress(data[position : position + _PIECE], left))
            left -= len(pieces[-1])
            if inflater.eof:
                return b"".join(pieces), True
            if not left:
                return b"".join(pieces), False
    except zlib.error as error:
        raise UnreadableObject(f"the deflated data set cannot be inflated: {error}") from error
    raise UnreadableObject("the deflated data set is truncated")
