"""The document of an object: its header, what is refused, and what cannot be read."""

import json
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from services.importer.extract import extract, unreadable
from services.importer.extract.header.study import STUDY_FIELDS
from shared.errors import UnreadableObject
from tests.helpers.objects.content_items import coded, container, num, part10_bytes, report
from tests.unit.services.importer.extract.conftest import Extract

DOSE = container("113811", "CT Accumulated Dose Data", num("113813", "CT Dose Length Product Total", "1", "mGy.cm"))


def item(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def test_what_the_object_is(document: Extract) -> None:
    found = document(report(DOSE, CompletionFlag="COMPLETE", SpecificCharacterSet=["", "ISO 2022 IR 87"]))["object"]
    assert found == {
        "sop_class": "X-Ray Radiation Dose SR Storage",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.67",
        "sop_instance_uid": "1.2.826.0.1.3680043.8.498.2",
        "series_instance_uid": "1.2.826.0.1.3680043.8.498.3",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "specific_character_set": ["", "ISO 2022 IR 87"],
        "dicom_modality": "SR",
        "document_title_code": "113701:DCM",
        "document_title": "X-Ray Radiation Dose Report",
        "completion_flag": "COMPLETE",
    }


def test_the_study(document: Extract) -> None:
    study = document(
        report(
            DOSE,
            PatientName="Yamada^Tarou",
            PatientID="4711",
            PatientBirthDate="19660314",
            PatientAge="060Y",
            PatientSex="M",
            PatientSize="1.78",
            PatientWeight="75",
            ReferringPhysicianName=["Müller", "Smith"],
            SpecificCharacterSet="ISO_IR 192",
            SoftwareVersions=["VA1", "VB2"],
            AccessionNumber="A1",
            GantryID="G7",
        )
    )["study"]
    assert study["gantry_id"] == "G7"
    assert study["study_date"] == "2026-03-14"
    assert study["study_time"] == "09:15:30"
    assert study["patient_name"] == "Yamada^Tarou"
    assert (study["patient_size_m"], study["patient_weight_kg"]) == (1.78, 75)
    assert study["referring_physician"] == "Müller | Smith"
    assert study["software_versions"] == "VA1 | VB2"
    assert study["patient_birth_date"] == "1966-03-14"
    assert study["patient_age"] == "060Y"
    assert study["patient_age_years"] == 60.0
    assert set(study) <= set(STUDY_FIELDS)


@pytest.mark.parametrize(
    ("header", "years"),
    [
        ({"PatientAge": "018M"}, 1.5),
        ({"PatientAge": "100D"}, 0.3),
        ({"PatientAge": "026W"}, 0.5),
        ({"PatientAge": "045Y", "PatientBirthDate": "29990101"}, 45),
        ({"PatientAge": ""}, None),
        ({}, None),
    ],
)
def test_ages(document: Extract, header: dict[str, str], years: float | None) -> None:
    assert document(report(DOSE, **header))["study"].get("patient_age_years") == years


@pytest.mark.parametrize(
    ("age", "birth_date", "years"),
    [("45y", "", 45), ("045", "", None), ("-05Y", "", None), ("045Y", "0", 45), ("", "1966.03.14", 60)],
)
def test_ages_and_birth_dates_against_the_rules_of_their_vr(
    document: Extract, age: str, birth_date: str, years: float | None
) -> None:
    dataset = report(DOSE)
    dataset.add_new("PatientAge", "LO", age)
    dataset.add_new("PatientBirthDate", "LO", birth_date)
    assert document(dataset)["study"].get("patient_age_years") == years


def test_a_birth_date_after_the_study_is_flagged_and_gives_no_age(document: Extract) -> None:
    found = document(report(DOSE, PatientBirthDate="99990101"))
    assert found["study"]["patient_birth_date"] == "9999-01-01"
    assert "patient_age_years" not in found["study"]
    assert any("birth date" in warning for warning in found["outcome"]["warnings"])


def test_missing_study_dates_of_reports_come_from_content_and_series(document: Extract) -> None:
    from_content = document(report(DOSE, StudyDate="", StudyTime="", ContentDate="20260101", SeriesTime="1000"))
    assert from_content["study"]["study_date"] == "2026-01-01"
    assert from_content["study"]["study_time"] == "10:00:00"


def test_no_date_is_invented(document: Extract) -> None:
    found = document(report(DOSE, StudyDate="", StudyTime=""))
    assert "study_date" not in found["study"]
    assert "the study date is missing" in found["outcome"]["warnings"]


@pytest.mark.parametrize(
    ("header", "procedure"),
    [
        ({"RequestedProcedureCodeSequence": [item(CodeValue="1", CodeMeaning="CT chest")]}, "CT chest"),
        ({"RequestAttributesSequence": [item(RequestedProcedureDescription="Head")]}, "Head"),
        ({"ProcedureCodeSequence": [item(CodeValue="1", CodeMeaning="Pelvis")]}, "Pelvis"),
        ({"RequestedProcedureDescription": "Knee"}, "Knee"),
        ({"PerformedProtocolCodeSequence": [item(CodeValue="1", CodeMeaning="Hand")]}, "Hand"),
        ({"ReferencedRequestSequence": [item(RequestedProcedureDescription="Foot")]}, "Foot"),
        (
            {
                "RequestAttributesSequence": [
                    item(RequestedProcedureCodeSequence=[item(CodeValue="1", CodeMeaning="Spine")])
                ]
            },
            "Spine",
        ),
        ({}, None),
    ],
)
def test_the_requested_procedure_is_where_devices_put_it(
    document: Extract, header: dict[str, object], procedure: str | None
) -> None:
    assert document(report(DOSE, **header))["study"].get("requested_procedure") == procedure


def test_an_object_without_dose_has_its_object_and_study(document: Extract) -> None:
    dataset = item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID="1.2.3", StudyInstanceUID="1.2", Modality="CT"
    )
    found = document(dataset)
    assert found["outcome"]["accepted"] is False
    assert found["outcome"]["refusal_reason"] == "CT Image Storage is not a kind of object that is read for dose"
    assert found["object"]["sop_instance_uid"] == "1.2.3"
    assert found["study"]["study_instance_uid"] == "1.2"
    assert set(found) == {"object", "study", "outcome"}


def test_the_document_of_a_file_that_cannot_be_read() -> None:
    assert unreadable("it burns").to_json() == {
        "object": {},
        "study": {},
        "outcome": {"accepted": False, "refusal_reason": "it burns", "warnings": []},
    }


@pytest.mark.parametrize("size", [1, 200, 400, 700, -1])
def test_a_truncated_file_is_unreadable(tmp_path: Path, size: int) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(part10_bytes(report(DOSE))[:size])
    with pytest.raises(UnreadableObject):
        extract(path)


def test_a_document_is_plain_json(document: Extract) -> None:
    found = document(report(DOSE, coded("121058", "Procedure reported", "1", "?")))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
