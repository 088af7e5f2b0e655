"""Hostile objects, each read by a process whose memory is measured."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.helpers.objects.content_items import part10_bytes, report, text

pytestmark = pytest.mark.faults

MAX_RESIDENT_MIB = 512
MAX_HEADER_MIB = 64
"""What reading the header alone may add: the supervisor of store_scp does that for all that comes in."""
MAX_SECONDS = 60
READ = """
import json, sys
from pathlib import Path
from services.importer.extract import extract
from shared.dicom.header import read_header
from shared.errors import UnreadableObject
def peak_mib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
path = Path(sys.argv[1])
before = peak_mib()
try:
    read_header(path)
except UnreadableObject as error:
    pass
header_mib = peak_mib() - before
try:
    outcome = extract(path).outcome.refusal_reason or "accepted"
except UnreadableObject as error:
    outcome = str(error)
print(json.dumps([outcome, header_mib, peak_mib()]))
"""
UNDEFINED = b"\xff\xff\xff\xff"
ITEM = b"\xfe\xff\0\xe0"
ITEM_END, SEQUENCE_END = b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
CONTENT_SEQUENCE = b"\x40\0\x30\xa7"


def implicit(content: bytes) -> bytes:
    """Return a dose report in implicit VR with these bytes as its content sequence."""
    header = part10_bytes(report(), ImplicitVRLittleEndian)
    return header + CONTENT_SEQUENCE + len(content).to_bytes(4, "little") + content


def element(tag: bytes, value: bytes) -> bytes:
    return tag + len(value).to_bytes(4, "little") + value


def item(content: bytes) -> bytes:
    return ITEM + len(content).to_bytes(4, "little") + content


def deflate_bomb() -> bytes:
    return deflated(b"", zeros_mib=600)


def deflate_bomb_behind_a_header() -> bytes:
    header = part10_bytes(report(), ExplicitVRLittleEndian)
    start = 144 + int.from_bytes(header[140:144], "little")
    return deflated(header[start:] + b"\x40\0\x60\xa1UT\0\0\0\0\x80\x25", zeros_mib=600)


def deflated(beginning: bytes, *, zeros_mib: int) -> bytes:
    """Return a deflated object of 600 kB."""
    dataset = part10_bytes(report(), DeflatedExplicitVRLittleEndian)
    meta_end = 144 + int.from_bytes(dataset[140:144], "little")
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    zeros = b"".join(deflater.compress(bytes(2**20)) for _ in range(zeros_mib))
    return dataset[:meta_end] + deflater.compress(beginning) + zeros + deflater.flush()


def many_empty_items() -> bytes:
    return implicit(item(b"") * 8_000_000)


def many_numbers() -> bytes:
    number = element(b"\x40\0\x0a\xa3", b"1\\" * 500_000)
    return implicit(item(element(b"\x40\0\x00\xa3", item(number))) * 60)


def many_different_codes() -> bytes:
    codes = (item(element(b"\x08\0\x00\x01", b"%08d" % n)) for n in range(400_000))
    return implicit(b"".join(item(element(b"\x40\0\x43\xa0", code)) for code in codes))


def long_texts_of_wide_characters() -> bytes:
    wide = "😀".encode() + b"x" * (2**20 - 4)
    body = element(b"\x08\0\x05\0", b"ISO_IR 192") + element(b"\x40\0\x60\xa1", wide)
    return implicit(item(body) * 100)


def many_header_elements() -> bytes:
    tags = (group.to_bytes(2, "little") + n.to_bytes(2, "little") for group in (9, 11, 13) for n in range(2**16))
    header = part10_bytes(report(), ImplicitVRLittleEndian)
    return header[: header.index(b"\x20\0\x0d\0")] + b"".join(element(tag, b"") for tag in tags)


def deep_sequences() -> bytes:
    begin = CONTENT_SEQUENCE + UNDEFINED + ITEM + UNDEFINED
    return part10_bytes(report(), ImplicitVRLittleEndian) + begin * 100_000


def sequences_200_deep() -> bytes:
    """The object of 7 kB that ends stock pydicom with RecursionError."""
    start, end = CONTENT_SEQUENCE + UNDEFINED + ITEM + UNDEFINED, ITEM_END + SEQUENCE_END
    return part10_bytes(report(), ImplicitVRLittleEndian) + start * 200 + end * 200


def bad_element_in_nested_sequences() -> bytes:
    """The object of a few hundred bytes whose error text grows with each level in pydicom."""
    content = element(b"\x40\0\x0a\xa3", b"not a number") + b"\x40\0\x0b\xa3\xff\xff\xff\x7f"
    for _ in range(14):
        content = element(CONTENT_SEQUENCE, item(content))
    return part10_bytes(report(), ImplicitVRLittleEndian) + content


def private_sequences() -> bytes:
    """Private sequences inside each other, as SQ and as UN in explicit VR."""
    content = b""
    for level in range(60):
        content = private_sequence((b"UN", b"SQ")[level % 2]) + content + ITEM_END + SEQUENCE_END
    return part10_bytes(report()) + content * 1000


def private_sequence(vr: bytes) -> bytes:
    return b"\x41\0\1\x10" + vr + b"\0\0" + UNDEFINED + ITEM + UNDEFINED


def private_sequences_deeper_than_any() -> bytes:
    return part10_bytes(report()) + private_sequence(b"UN") * 100_000


def nothing_but_escape_sequences() -> bytes:
    body = element(b"\x08\0\5\0", b"\\ISO 2022 IR 87 ") + element(b"\x40\0\x60\xa1", b"\x1b$B\x1b" * 2**18)
    return implicit(item(body) * 8)


def a_character_set_that_is_a_slow_codec() -> bytes:
    text_value = element(b"\x40\0\x60\xa1", b"\xe9" + b"a" * 200_000 + b"-" + b"zz" * 100_000)
    return implicit(item(element(b"\x08\0\5\0", b"punycode") + text_value))


def a_length_of_four_gigabytes() -> bytes:
    return part10_bytes(report(text("121106", "Comment", "x"))) + b"\x41\0\x10\0UT\0\0\xfe\xff\xff\xff"


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (deflate_bomb, "larger than"),
        (deflate_bomb_behind_a_header, "larger than"),
        (many_empty_items, "more than 500000 content items"),
        (many_numbers, "more than 500000 content items, values"),
        (many_different_codes, "without dose data"),
        (long_texts_of_wide_characters, "bytes of text"),
        (many_header_elements, "more than 50000 elements"),
        (deep_sequences, "nested deeper"),
        (sequences_200_deep, "nested deeper"),
        (bad_element_in_nested_sequences, "without dose data"),
        (private_sequences, "without dose data"),
        (private_sequences_deeper_than_any, "nested deeper"),
        (nothing_but_escape_sequences, "values and escape sequences"),
        (a_character_set_that_is_a_slow_codec, "without dose data"),
        (a_length_of_four_gigabytes, "has length 4294967294"),
    ],
)
def test_hostile_objects_are_refused_within_memory(build: Callable[[], bytes], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.dcm"
    path.write_bytes(build())
    result = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=MAX_SECONDS, check=True
    )
    outcome, header_mib, resident_mib = json.loads(result.stdout)
    assert reason in outcome
    assert len(outcome) < 300
    assert header_mib < MAX_HEADER_MIB
    assert resident_mib < MAX_RESIDENT_MIB
