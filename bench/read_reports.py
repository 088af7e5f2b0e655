"""CPU time of reading dose reports: Dosewire's whole extraction against pydicom's reading and walking alone.

    python bench/read_reports.py FILE_OR_FOLDER...

Prints a line a structured report, and the ratio over all of them. Only ratios from one run compare.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydicom import Dataset, dcmread

from services.importer.extract import extract
from shared.dicom.header import read_header
from shared.errors import UnreadableObject

T = TypeVar("T")


def main() -> int:
    """Measure the structured reports among the arguments."""
    reports = [path for argument in sys.argv[1:] for path in _files(Path(argument)) if _is_report(path)]
    if not reports:
        print(__doc__)
        return 2
    extract(reports[0])  # Imports and caches are not what is measured.
    total_ours = total_pydicom = 0.0
    print(f"{'items':>7} {'Dosewire ms':>12} {'pydicom ms':>12} {'ratio':>7}  report")
    for path in reports:
        ours, _ = _cpu_seconds(partial(extract, path))
        theirs, items = _cpu_seconds(partial(_read_and_walk, path))
        total_ours += ours
        total_pydicom += theirs
        print(f"{items:>7} {ours * 1e3:12.1f} {theirs * 1e3:12.1f} {theirs / ours:7.1f}  {path.name}")
    ratio = total_pydicom / total_ours
    print(f"all {len(reports)}: {total_ours:.2f} s against {total_pydicom:.2f} s of CPU, ratio {ratio:.1f}")
    return 0 if ratio >= 10 else 1


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]


def _is_report(path: Path) -> bool:
    try:
        return read_header(path).modality == "SR"
    except UnreadableObject:
        return False


def _cpu_seconds(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def _read_and_walk(path: Path) -> int:
    return _walk(dcmread(path))


def _walk(item: Dataset) -> int:
    """Look at concept and value of each content item, and return how many there are."""
    for keyword in ("ConceptNameCodeSequence", "ConceptCodeSequence"):
        for code in item.get(keyword, None) or ():
            code.get("CodeMeaning")
    for measured in item.get("MeasuredValueSequence", None) or ():
        measured.get("NumericValue")
    item.get("TextValue")
    return 1 + sum(_walk(child) for child in item.get("ContentSequence", None) or ())


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom on values that break the rules of their VR
        raise SystemExit(main())
