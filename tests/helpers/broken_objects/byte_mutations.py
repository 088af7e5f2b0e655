"""Broken versions of a file, as transfers, archives and careless software leave them. Seeds are fixed."""

import re
from collections.abc import Iterator
from random import Random

_LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_ITEM = b"\xfe\xff\x00\xe0"
_DIGITS = re.compile(rb"[0-9]{4}")


def mutations(data: bytes, count: int, *, seed: int = 0) -> Iterator[bytes]:
    """Yield `count` broken versions of `data`, always the same ones for the same seed."""
    random = Random(seed)
    kinds = (_flip, _cut, _overwrite, _lengthen, _drop, _repeat, _empty, _huge_number)
    for _ in range(count):
        broken = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 8))):
            random.choice(kinds)(broken, random)
        yield bytes(broken)


def _flip(data: bytearray, random: Random) -> None:
    for _ in range(random.choice((1, 4, 64))):
        if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _cut(data: bytearray, random: Random) -> None:
    if data and random.random() < 0.3:
        del data[random.randrange(len(data)) :]


def _overwrite(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) + 1)
    data[at : at + 16] = random.randbytes(16)


def _lengthen(data: bytearray, random: Random) -> None:
    """Write another length into an item header, or anywhere."""
    at = random.randrange(len(data) + 1)
    item = data.find(_ITEM, at)
    if item >= 0 and random.random() < 0.7:
        at = item + 4
    data[at : at + 4] = random.choice(_LENGTHS).to_bytes(4, "little")


def _drop(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) + 1)
    del data[at : at + random.choice((1, 2, 8, 200))]


def _repeat(data: bytearray, random: Random) -> None:
    """Put a piece of the file a second time, which also deepens nesting."""
    at = random.randrange(len(data) + 1)
    data[at:at] = data[at : at + random.choice((8, 100, 2000))] * random.choice((1, 3))


def _empty(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) + 1)
    data[at : at + 40] = bytes(len(data[at : at + 40]))


def _huge_number(data: bytearray, random: Random) -> None:
    """Replace a run of digits by one as long that no double holds, or that is none."""
    digits = _DIGITS.search(data, random.randrange(len(data) + 1))
    if digits:
        data[digits.start() : digits.end()] = random.choice((b"9e99", b"-1e9", b"NaN ", b"\\\\\\\\", b"1/2 ", b"1e-9"))
