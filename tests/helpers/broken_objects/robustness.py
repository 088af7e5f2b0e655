"""The reading of broken objects in a process that may not take more memory or time than the product promises.

    python -m tests.helpers.broken_objects.robustness [--mutations N] FILE...

Prints a line of JSON an object: how many of its versions were read, refused and unreadable, the length of the longest
reason, the seconds of the slowest one, and the most memory that the process has held so far. It ends with an error at
the first version that gives anything but a document or a reason.
"""

import json
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from types import FrameType

from pydicom.uid import ExplicitVRLittleEndian

from services.importer.extract import extract
from shared.errors import UnreadableObject
from tests.helpers.broken_objects.byte_mutations import mutations
from tests.helpers.broken_objects.element_tree import file_bytes, parse
from tests.helpers.broken_objects.structural_mutations import inflate, mutate
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES

MAX_MEMORY_MIB = 512
MAX_SECONDS = 20
MAX_REASON = 300


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of the broken versions of one file. The memory is the most that the process has held so far."""

    file: str
    read: int
    refused: int
    unreadable: int
    longest_reason: int
    slowest_seconds: float
    resident_mib: int


def read_broken_versions(files: Iterable[Path], count: int) -> list[Result]:
    """Read `count` broken versions of each file in a process of its own.

    Raises:
        AssertionError: the process ended with an error, with the end of what it said.
    """
    arguments = ["--mutations", str(count), *map(str, files)]
    done = subprocess.run([sys.executable, "-m", __name__, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [Result(**json.loads(line)) for line in done.stdout.splitlines()]


class Robustness:
    """Reads what it is given, and counts what became of it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "broken.dcm"
        self.outcomes: Counter[str] = Counter()
        self.longest_reason = 0
        self.slowest = 0.0

    def read(self, data: bytes) -> None:
        """Read one file.

        Raises:
            TimeoutError: it takes longer than `MAX_SECONDS`.
            Exception: whatever the reader should not raise.
        """
        self._path.write_bytes(data)
        begun = time.perf_counter()
        signal.alarm(MAX_SECONDS)
        try:
            document = extract(self._path).to_json()
        except UnreadableObject as error:
            self.outcomes["unreadable"] += 1
            self.longest_reason = max(self.longest_reason, len(str(error)))
        else:
            json.dumps(document, allow_nan=False)
            self.outcomes["read" if document["outcome"]["accepted"] else "refused"] += 1
        finally:
            signal.alarm(0)
        self.slowest = max(self.slowest, time.perf_counter() - begun)

    def result(self, file: str) -> Result:
        """Return what became of what was read until now."""
        return Result(
            file=file,
            read=self.outcomes["read"],
            refused=self.outcomes["refused"],
            unreadable=self.outcomes["unreadable"],
            longest_reason=self.longest_reason,
            slowest_seconds=round(self.slowest, 3),
            resident_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )


def broken_versions(data: bytes, count: int) -> Iterator[bytes]:
    """Yield versions of a file, always the same: half with broken bytes, half with another, whole structure."""
    random = Random(len(data))
    yield from mutations(data, count - count // 2)
    tree = pickle.dumps(parse(data), protocol=5)
    for number in range(count // 2):
        with _deep_stack():
            elements = pickle.loads(tree)
            mutate(elements, random)
            if number % 8 == 7:
                inflate(elements, random)
            version = file_bytes(elements, random.choice((*TRANSFER_SYNTAXES, ExplicitVRLittleEndian)))
        yield version


@contextmanager
def _deep_stack() -> Iterator[None]:
    """Let the making of deep trees recurse; reading them has to do with what there is."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def limit_resources() -> None:
    """Have this process end where it takes more memory than it may, and a reading that takes too long."""
    limit = MAX_MEMORY_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, _too_long)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {MAX_SECONDS} s")


def main() -> None:
    """Read broken versions of the files that the arguments name."""
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--mutations", type=int, default=1000)
    arguments.add_argument("files", type=Path, nargs="+")
    options = arguments.parse_args()
    limit_resources()
    with tempfile.TemporaryDirectory() as folder:
        for path in options.files:
            run = Robustness(Path(folder))
            for number, version in enumerate(broken_versions(path.read_bytes(), options.mutations)):
                try:
                    run.read(version)
                except BaseException:
                    sys.stderr.write(f"version {number} of {path.name}\n")
                    raise
            sys.stdout.write(json.dumps(asdict(run.result(path.name))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
