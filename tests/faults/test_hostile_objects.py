"""Objects made to hurt the reader, each read by a process of its own whose memory is measured."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.helpers.content_items import part10_bytes, report, text

pytestmark = pytest.mark.faults

MAX_RESIDENT_MIB = 512
MAX_SECONDS = 60
READ = """
import json, sys
from pathlib import Path
from services.importer.extract import extract
from shared.errors import UnreadableObject
try:
    outcome = extract(Path(sys.argv[1])).outcome["refusal_reason"]
except UnreadableObject as error:
    outcome = str(error)
[peak] = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(json.dumps([outcome, int(peak) / 1024]))
"""
UNDEFINED = b"\xff\xff\xff\xff"
ITEM = b"\xfe\xff\0\xe0"
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
    dataset = part10_bytes(report(), DeflatedExplicitVRLittleEndian)
    meta_end = 144 + int.from_bytes(dataset[140:144], "little")
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    zeros = b"".join(deflater.compress(bytes(2**20)) for _ in range(600)) + deflater.flush()
    return dataset[:meta_end] + zeros


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


def a_length_of_four_gigabytes() -> bytes:
    return part10_bytes(report(text("121106", "Comment", "x"))) + b"\x41\0\x10\0UT\0\0\xfe\xff\xff\xff"


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (deflate_bomb, "larger than"),
        (many_empty_items, "more than 500000 content items"),
        (many_numbers, "more than 500000 content items and values"),
        (many_different_codes, "without dose data"),
        (long_texts_of_wide_characters, "bytes of text"),
        (many_header_elements, "more than 50000 elements"),
        (deep_sequences, "nested deeper"),
        (a_length_of_four_gigabytes, "has length 4294967294"),
    ],
)
def test_hostile_objects_are_refused_within_memory(build: Callable[[], bytes], reason: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.dcm"
    path.write_bytes(build())
    result = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=MAX_SECONDS, check=True
    )
    outcome, resident_mib = json.loads(result.stdout)
    assert reason in outcome
    assert len(outcome) < 300
    assert resident_mib < MAX_RESIDENT_MIB
