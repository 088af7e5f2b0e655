"""The sum of several reports of pytest: `python -m tools.test_summary REPORT.xml ...`, for `scripts/test`."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Summary(NamedTuple):
    """The numbers of tests by outcome, the reasons of skipped ones, and the duration."""

    outcomes: Counter[str]
    skip_reasons: Counter[str]
    seconds: float


def summarise(reports: Iterable[Path]) -> Summary:
    """Reads JUnit files as pytest writes them."""
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    seconds = 0.0
    for report in reports:
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - we wrote the file
            seconds += float(suite.get("time", "0"))
            for case in suite.iter("testcase"):
                skipped = case.find("skipped")
                if case.find("failure") is not None:
                    outcomes["failed"] += 1
                elif case.find("error") is not None:
                    outcomes["errors"] += 1
                elif skipped is not None:
                    outcomes["skipped"] += 1
                    reasons[skipped.get("message") or "no reason given"] += 1
                else:
                    outcomes["passed"] += 1
    return Summary(outcomes, reasons, seconds)


def lines(summary: Summary) -> list[str]:
    """The text for people: the reasons of skipped tests, and a closing line like pytest's."""
    told = [f"SKIPPED [{count}] {reason}" for reason, count in sorted(summary.skip_reasons.items())]
    order = ("failed", "errors", "passed", "skipped")
    counts = [f"{summary.outcomes[name]} {name}" for name in order if summary.outcomes[name]]
    return [*told, f" {', '.join(counts) or 'no tests ran'} in {summary.seconds:.2f}s ".center(100, "=")]


if __name__ == "__main__":
    print("\n".join(lines(summarise(map(Path, sys.argv[1:])))))
