"""The sample reports against PS3.16: what a template demands is there, and codes mean what they say."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts
from pydicom.uid import UID

from tools.dose_objects import (
    Equipment,
    Patient,
    Study,
    ct_report,
    fluoroscopy_report,
    radiography_report,
    write,
)

REPORTS = {
    "ct": ct_report(),
    "ct of 30 events": ct_report(events=30, study=Study(seed=3)),
    "ct without dose check": ct_report(dose_check=False, events=1),
    "fluoroscopy": fluoroscopy_report(),
    "fluoroscopy in two planes": fluoroscopy_report(biplane=True, events=12, study=Study(seed=4)),
    "radiography": radiography_report(),
}
Dictionary = dict[str, dict[str, dict[str, tuple[str, list[int]]]]]
"""Scheme -> keyword -> code -> (meaning, context groups), as pydicom has it."""

every_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
every_projection_report = pytest.mark.parametrize(
    "report", [REPORTS["fluoroscopy"], REPORTS["fluoroscopy in two planes"], REPORTS["radiography"]]
)

# Concept: unit (UCUM), or None for items that are no numbers. M(andatory) items only, PS3.16 chapter A.
CT_ROOT = {"121058": None, "121012": None, "113809": None, "113810": None, "113705": None, "113811": None,
           "113819": None, "113854": None}  # fmt: skip
CT_EVENT = {"123014": None, "113820": None, "113769": None, "113822": None}
CT_PARAMETERS = {"113824": "s", "113825": "mm", "113826": "mm", "113827": "mm", "113823": "{X-Ray sources}",
                 "113831": None}  # fmt: skip
CT_SOURCE = {"113832": None, "113733": "kV", "113833": "mA", "113734": "mA"}
CT_DOSE = {"113830": "mGy", "113835": None, "113838": "mGy.cm"}
PROJECTION_ROOT = {"121058": None, "121012": None, "113705": None, "113945": None, "113943": None,
                   "113944": None, "113702": None, "113706": None, "113854": None}  # fmt: skip
PROJECTION_EVENT = {"113764": None, "113769": None, "111526": None, "113721": None, "122130": "Gy.m2",
                    "113733": "kV", "113742": "s", "113736": "uA.s"}  # fmt: skip
ACCUMULATED = {"113764": None, "113722": "Gy.m2", "113731": "1"}
FLUOROSCOPY_TOTALS = {"113725": "Gy", "113726": "Gy.m2", "113728": "Gy", "113730": "s", "113727": "Gy.m2",
                      "113729": "Gy", "113855": "s"}  # fmt: skip


def concept(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeValue)


def walk(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", []):
        yield child
        yield from walk(child)


def containers(report: Dataset, code: str) -> list[Dataset]:
    return [item for item in walk(report) if item.ValueType == "CONTAINER" and concept(item) == code]


def units(item: Dataset) -> dict[str, str | None]:
    """The direct children's concepts and, of numbers, units."""
    return {
        concept(child): child.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
        if child.ValueType == "NUM"
        else None
        for child in item.ContentSequence
    }


def value(item: Dataset, code: str) -> float:
    (found,) = [child for child in item.ContentSequence if concept(child) == code]
    return float(found.MeasuredValueSequence[0].NumericValue)


@every_report
def test_codes_of_the_standard_have_the_meaning_of_the_standard(report: Dataset) -> None:
    known: dict[tuple[str, str], set[str]] = {}
    dictionary = cast("Dictionary", concepts)
    for scheme in ("DCM", "SCT"):
        for entries in dictionary[scheme].values():
            for code, (meaning, _) in entries.items():
                # SNOMED's own names end in the kind of thing they stand for.
                known.setdefault((scheme, code), set()).add(meaning.partition(" (")[0].lower())
    used = {(c.CodingSchemeDesignator, c.CodeValue, c.CodeMeaning) for c in _codes(report)}
    assert len(used) > 30
    for scheme, code, meaning in used:
        if scheme != "UCUM":
            assert meaning.partition(" (")[0].lower() in known[scheme, code], (scheme, code)


@every_report
def test_the_document_is_complete(report: Dataset) -> None:
    # Type 1 attributes of the modules of PS3.3 A.35.8 (X-Ray Radiation Dose SR IOD).
    for keyword in (
        "SOPClassUID", "SOPInstanceUID", "Modality", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber",
        "InstanceNumber", "CompletionFlag", "VerificationFlag", "ContentDate", "ContentTime", "Manufacturer",
        "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions", "ValueType", "ContinuityOfContent",
        "ConceptNameCodeSequence", "ContentTemplateSequence", "ContentSequence",
    ):  # fmt: skip
        assert report[keyword].value, keyword
    # Type 2: present, may be empty.
    for keyword in ("ReferencedPerformedProcedureStepSequence", "PerformedProcedureCodeSequence",
                    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
                    "ReferringPhysicianName", "StudyID", "AccessionNumber"):  # fmt: skip
        assert keyword in report
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.67"
    assert report.Modality == "SR"


@every_report
def test_uids_are_valid_and_event_uids_unique(report: Dataset) -> None:
    uids = [item.UID for item in walk(report) if item.ValueType == "UIDREF"]
    assert all(UID(uid).is_valid for uid in [*uids, report.SOPInstanceUID, report.StudyInstanceUID])
    events = [item.UID for item in walk(report) if concept(item) == "113769"]
    assert len(set(events)) == len(events) == len(containers(report, "113819") + containers(report, "113706"))
    assert [item.UID for item in walk(report) if concept(item) == "110180"] == [report.StudyInstanceUID]


def test_ct_has_the_mandatory_items_of_its_templates() -> None:
    report = REPORTS["ct"]
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "10011"
    assert units(report).items() >= CT_ROOT.items()
    for event in containers(report, "113819"):
        assert units(event).items() >= CT_EVENT.items()
    for parameters in containers(report, "113822"):
        assert units(parameters).items() >= CT_PARAMETERS.items()
    for source in containers(report, "113831"):
        assert units(source).items() >= CT_SOURCE.items()
    for dose in containers(report, "113829"):
        assert units(dose).items() >= CT_DOSE.items()


def test_ct_shows_every_kind_of_acquisition() -> None:
    report = REPORTS["ct"]
    kinds = Counter(item.ConceptCodeSequence[0].CodeValue for item in walk(report) if concept(item) == "113820")
    assert kinds == {"113805": 1, "113806": 1, "116152004": 3, "113804": 1}
    localizer = containers(report, "113819")[0]
    assert not [item for item in localizer.ContentSequence if concept(item) == "113829"]
    assert len(containers(containers(report, "113819")[5], "113831")) == 2
    assert len(containers(report, "113900")) == len(containers(report, "113908")) == 3
    assert containers(REPORTS["ct without dose check"], "113900") == []


@pytest.mark.parametrize("name", ["ct", "ct of 30 events"])
def test_ct_totals_are_those_of_the_events(name: str) -> None:
    report = REPORTS[name]
    (total,) = containers(report, "113811")
    assert value(total, "113812") == len(containers(report, "113819"))
    assert value(total, "113813") == pytest.approx(
        sum(value(dose, "113838") for dose in containers(report, "113829")), rel=1e-4
    )


@every_projection_report
def test_projection_has_the_mandatory_items_of_its_templates(report: Dataset) -> None:
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "10001"
    assert units(report).items() >= PROJECTION_ROOT.items()
    for total in containers(report, "113702"):
        assert units(total).items() >= ACCUMULATED.items()
    for event in containers(report, "113706"):
        assert units(event).items() >= PROJECTION_EVENT.items()
        assert len(containers(event, "113771")) == 2


def test_fluoroscopy_has_totals_of_each_plane() -> None:
    report = REPORTS["fluoroscopy in two planes"]
    totals = containers(report, "113702")
    assert [total.ContentSequence[0].ConceptCodeSequence[0].CodeValue for total in totals] == ["113620", "113621"]
    for total in totals:
        plane = total.ContentSequence[0].ConceptCodeSequence[0].CodeValue
        events = [
            event
            for event in containers(report, "113706")
            if event.ContentSequence[0].ConceptCodeSequence[0].CodeValue == plane
        ]
        assert len(events) == 6
        assert units(total).items() >= FLUOROSCOPY_TOTALS.items()
        assert value(total, "113722") == pytest.approx(sum(value(e, "122130") for e in events), rel=1e-3)
        assert value(total, "113725") == pytest.approx(sum(value(e, "113738") for e in events), rel=1e-3)
        assert value(total, "113726") + value(total, "113727") == pytest.approx(value(total, "113722"), rel=1e-3)


@every_report
def test_a_written_report_reads_back_the_same(report: Dataset, tmp_path: Path) -> None:
    again = dcmread(write(report, tmp_path / "report.dcm"))
    assert again == report
    assert again.file_meta.MediaStorageSOPInstanceUID == report.SOPInstanceUID


def test_the_same_arguments_give_the_same_report_and_another_seed_gives_another() -> None:
    assert ct_report(study=Study(seed=7)) == ct_report(study=Study(seed=7))
    assert fluoroscopy_report(study=Study(seed=7)) == fluoroscopy_report(study=Study(seed=7))
    one, other = ct_report(study=Study(seed=7)), ct_report(study=Study(seed=8))
    assert value(containers(one, "113811")[0], "113813") != value(containers(other, "113811")[0], "113813")
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert not {item.UID for item in walk(one) if concept(item) == "113769"} & {
        item.UID for item in walk(other) if concept(item) == "113769"
    }


def test_what_is_asked_for_is_in_the_report() -> None:
    report = fluoroscopy_report(
        study=Study(
            started_at=datetime(2025, 12, 31, 23, 59, 59),  # noqa: DTZ001 - DICOM has no zone here
            description="TAVI",
            patient=Patient(name="Name^Given", id="X9"),
            study_instance_uid="1.2.3",
            sop_instance_uid="1.2.3.4",
            event_uids=("1.2.3.5", "1.2.3.6"),
        ),
        equipment=Equipment(manufacturer="M", model="Mod", station_name="S"),
        events=3,
    )
    assert (report.StudyInstanceUID, report.SOPInstanceUID) == ("1.2.3", "1.2.3.4")
    assert (report.PatientName, report.PatientID, report.StudyDescription) == ("Name^Given", "X9", "TAVI")
    assert (report.Manufacturer, report.ManufacturerModelName, report.StationName) == ("M", "Mod", "S")
    assert (report.StudyDate, report.StudyTime) == ("20251231", "235959.000000")
    assert report.ContentDate == "20260101"
    events = [item.UID for item in walk(report) if concept(item) == "113769"]
    assert events[:2] == ["1.2.3.5", "1.2.3.6"]
    assert len(events) == 3


def _codes(item: Dataset) -> Iterator[Dataset]:
    for element in item:
        if element.VR == "SQ":
            for child in element.value:
                if "CodeValue" in child:
                    yield child
                yield from _codes(child)
