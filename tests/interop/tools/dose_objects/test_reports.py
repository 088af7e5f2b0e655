"""The sample reports as DCMTK sees them."""

import subprocess
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tools.dose_objects import Study, ct_report, fluoroscopy_report, radiography_report, write

pytestmark = pytest.mark.interop


@pytest.mark.parametrize(
    "report",
    [
        ct_report(events=12),
        fluoroscopy_report(),
        fluoroscopy_report(biplane=True, study=Study(seed=2)),
        radiography_report(),
    ],
    ids=["ct", "fluoroscopy", "two planes", "radiography"],
)
def test_dcmtk_finds_nothing_wrong(report: Dataset, tmp_path: Path) -> None:
    # dsrdump refuses value types and relationships that the IOD does not allow.
    file = write(report, tmp_path / "report.dcm")
    done = subprocess.run(["dsrdump", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "X-Ray Radiation Dose SR Document" in done.stdout
    complaints = [line for line in done.stderr.splitlines() if "Character Set" not in line]
    assert complaints == []
