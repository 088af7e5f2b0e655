"""Flags of a study of several reports: what showed only while each report was read is kept with it."""

from dataclasses import replace
from typing import Any

import pytest
from alembic import command
from pydicom.dataset import Dataset

from shared.database.migrate import alembic_config
from tests.helpers.importer.in_process import Workbench
from tools.dose_objects import Patient, Study, ct_report

pytestmark = pytest.mark.integration

STUDY = Study(seed=300)
BORN_LATER = Patient(birth_date="29990101")


def part_report(number: int, *, patient: Patient = STUDY.patient, unit: str | None = None) -> Dataset:
    """Return a report with one event of the study, and its total DLP in another unit."""
    uids = (STUDY.event_uid("CT", number),)
    study = replace(STUDY, sop_instance_uid=STUDY.uid("instance", number), event_uids=uids, patient=patient)
    report = ct_report(study=study, events=1)
    if unit:
        for item in _items(report):
            if item.ValueType == "NUM" and item.ConceptNameCodeSequence[0].CodeValue == "113813":
                item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = unit
                item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeMeaning = unit
    return report


def _items(item: Dataset) -> list[Dataset]:
    children = item.get("ContentSequence", [])
    return [*children, *(below for child in children for below in _items(child))]


def flags(workbench: Workbench) -> dict[str, str]:
    (study,) = workbench.studies()
    return {flag["flag"]: flag["detail"] for flag in study.document.outcome.flags or []}


def findings(workbench: Workbench) -> list[Any]:
    with workbench.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT findings FROM report ORDER BY sop_instance_uid").scalars())


def test_a_study_has_the_flags_of_what_was_found_in_each_report(workbench: Workbench) -> None:
    workbench.send(part_report(1, unit="furlong"), part_report(2, patient=BORN_LATER))
    found = flags(workbench)
    assert "unit 'furlong' is not known for mGy.cm; kept raw" in found["unit_unknown"]
    assert found["age_negative"] == "the patient's birth date is after the study"


def test_findings_of_reports_from_before_they_were_kept_come_from_the_warnings(
    workbench: Workbench, database_url: str
) -> None:
    workbench.send(part_report(1, unit="furlong"), part_report(2, patient=BORN_LATER, unit="ell"), part_report(3))
    before = findings(workbench)
    assert sorted(len(found) for found in before) == [0, 1, 2]
    workbench.engine.dispose()
    config = alembic_config(database_url=database_url)
    command.downgrade(config, "0011")
    command.upgrade(config, "head")
    assert [sorted(found, key=str) for found in findings(workbench)] == [sorted(found, key=str) for found in before]
