import io

import pytest
from rich.console import Console

from tools.demo.demo import number, table

CT = {
    "study_date": "2026-03-14",
    "modality": "CT",
    "station_name": "CT01",
    "study_description": "CT Thorax/Abdomen",
    "events_count": 6,
    "total_dlp_mgy_cm": 12791.72,
    "total_dap_gy_m2": None,
    "total_rp_dose_gy": None,
}
ANGIOGRAPHY = CT | {
    "modality": "RF",
    "station_name": "XA01",
    "study_description": "Coronary angiography",
    "events_count": 118,
    "total_dlp_mgy_cm": None,
    "total_dap_gy_m2": 0.0022683,
    "total_rp_dose_gy": 2.2036,
}


def test_the_table_fits_a_terminal_and_cuts_no_value() -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(table([CT, ANGIOGRAPHY]))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "…" not in text
    ct, angiography = (line for line in text.splitlines() if "2026-03-14" in line)
    assert "Thorax/Abdomen" in text
    assert ct.split()[-4:] == ["6", "12791.7", "-", "-"]
    assert angiography.split()[-4:] == ["118", "-", "22.683", "2203.6"]


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (0.0, "0.0"), (1.25e-4, "0.1")])
def test_a_dose_of_nothing_is_not_no_dose(value: float | None, shown: str) -> None:
    assert number(value, 1e3, 1) == shown
