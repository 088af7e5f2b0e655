"""`dosewire extract` as a person runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.importer.commands import extract
from tests.helpers.objects.content_items import container, num, part10_bytes, report


@pytest.fixture
def dose_report(tmp_path: Path) -> Path:
    dose = container("113811", "CT Accumulated Dose Data", num("113813", "CT DLP", "7.5", "mGy.cm"))
    path = tmp_path / "dose.dcm"
    path.write_bytes(part10_bytes(report(dose, PatientName="Doe^Jane")))
    return path


def run(*files: Path) -> Result:
    return CliRunner().invoke(extract, [str(file) for file in files])


def test_one_document_a_line_in_the_order_given_with_the_file_first(dose_report: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.dcm"
    other.write_bytes(part10_bytes(report()))
    result = run(other, dose_report, other)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line["file"] for line in lines] == [str(other), str(dose_report), str(other)]
    assert [next(iter(line)) for line in lines] == ["file"] * 3
    assert [line["outcome"]["accepted"] for line in lines] == [False, True, False]
    assert lines[1]["ct"]["total_dlp_mgy_cm"] == 7.5
    assert lines[1]["study"]["patient_name"] == "Doe^Jane"


def test_an_object_without_dose_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "empty.dcm"
    path.write_bytes(part10_bytes(report()))
    result = run(path)
    assert result.exit_code == 0
    assert result.stderr == ""


def test_unreadable_files_are_named_and_the_others_go_on(dose_report: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not DICOM at all")
    truncated = tmp_path / "truncated.dcm"
    truncated.write_bytes(dose_report.read_bytes()[:-10])
    missing = tmp_path / "missing.dcm"
    result = run(text, truncated, missing, tmp_path, dose_report)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [line["outcome"]["accepted"] for line in lines] == [False, False, False, False, True]
    assert all(line["outcome"]["refusal_reason"] for line in lines[:4])
    for file, reason in (
        (text, "not a DICOM file"),
        (truncated, "byte"),
        (missing, "No such file"),
        (tmp_path, "directory"),
    ):
        assert any(str(file) in line and reason in line for line in result.stderr.splitlines())


def test_without_files_the_usage_is_shown() -> None:
    result = CliRunner().invoke(extract, [])
    assert result.exit_code == 2
    assert "FILE..." in result.stderr
