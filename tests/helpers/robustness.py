"""Reads broken versions of objects in a process that may not take more memory or time than the product promises.

    python -m tests.helpers.robustness [--mutations N] FILE...

Prints a line of JSON an object: how many of its versions were read, refused and unreadable, the length of the longest
reason, the seconds of the slowest one, and the most memory that the process has held so far. It ends with an error at
the first version that gives anything but a document or a reason.
"""

import json
import pickle
import resource
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import FrameType

from pydicom.uid import ExplicitVRLittleEndian

from services.importer.extract import extract
from shared.errors import UnreadableObject
from tests.helpers.content_items import TRANSFER_SYNTAXES
from tests.helpers.element_tree import file_bytes, parse
from tests.helpers.mutations import mutations
from tests.helpers.structural_mutations import inflate, mutate

MAX_MEMORY_MIB = 512
MAX_SECONDS = 20
MAX_REASON = 300


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


def broken_versions(data: bytes, count: int) -> Iterator[bytes]:
    """Yield versions of a file, always the same: half with broken bytes, half with another, whole structure."""
    random = Random(len(data))
    yield from mutations(data, count - count // 2)
    tree = pickle.dumps(parse(data), protocol=5)
    for number in range(count // 2):
        elements = pickle.loads(tree)
        mutate(elements, random)
        if number % 8 == 7:
            inflate(elements, random)
        yield file_bytes(elements, random.choice((*TRANSFER_SYNTAXES, ExplicitVRLittleEndian)))


def limit_resources() -> None:
    """Have this process end where it takes more memory than it may, and a reading that takes too long."""
    limit = MAX_MEMORY_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, _too_long)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {MAX_SECONDS} s")


def resident_mib() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
                    print(f"version {number} of {path.name}", file=sys.stderr)
                    raise
            print(
                json.dumps(
                    {
                        "file": path.name,
                        **{outcome: run.outcomes[outcome] for outcome in ("read", "refused", "unreadable")},
                        "longest_reason": run.longest_reason,
                        "slowest_seconds": round(run.slowest, 3),
                        "resident_mib": round(resident_mib()),
                    }
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
