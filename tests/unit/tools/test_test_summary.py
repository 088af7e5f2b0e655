import subprocess
import sys
from pathlib import Path

import pytest

from tools.test_summary import lines, summarise

TESTS = """
import pytest
def test_passes(): pass
def test_passes_too(): pass
def test_fails(): assert 1 == 2
@pytest.mark.skip(reason="no such machine")
def test_is_skipped(): pass
@pytest.fixture
def broken(): raise RuntimeError
def test_errors(broken): pass
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """What pytest itself writes of a test file."""
    (tmp_path / "test_it.py").write_text(TESTS)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py", f"--junitxml={report}"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    return report


def test_outcomes_and_reasons_of_several_reports_are_added_up(report: Path) -> None:
    summary = summarise([report, report])
    assert summary.outcomes == {"passed": 4, "failed": 2, "errors": 2, "skipped": 2}
    assert summary.skip_reasons == {"no such machine": 2}
    told = lines(summary)
    assert told[0] == "SKIPPED [2] no such machine"
    assert "= 2 failed, 2 errors, 4 passed, 2 skipped in " in told[1]


def test_no_report_is_no_success() -> None:
    assert " no tests ran in 0.00s " in lines(summarise([]))[0]
