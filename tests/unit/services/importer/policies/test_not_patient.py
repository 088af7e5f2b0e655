"""Patterns of names and IDs that stand for no patient."""

import pytest

from services.importer.policies.not_patient import NotPatientPatterns, not_patient, together

PATTERNS = NotPatientPatterns(ids=("qa*", "PHY*"), names=("*TEST*", "QA*", "PHYSICS*"))


@pytest.mark.parametrize(
    ("study", "text"),
    [
        ({"patient_id": "4711", "patient_name": "Muster^Erika"}, None),
        ({}, None),
        ({"patient_id": "qA-7"}, "IDs: qa*"),
        ({"patient_name": "PHYSICS^Monthly^Test"}, "Names: physics*"),
        ({"patient_name": "Physics^Test"}, "Names: *test* physics*"),
        ({"patient_id": "PHY1", "patient_name": "qa"}, "IDs: phy* | Names: qa*"),
        ({"patient_id": "4711 | QA1"}, "IDs: qa*"),
        ({"patient_name": "Muster^Erika | QA^Daily"}, "Names: qa*"),
        ({"patient_name": "Yamada^Tarou=QA^x"}, "Names: qa*"),
    ],
)
def test_the_answer_in_words(study: dict[str, str], text: str | None) -> None:
    found = not_patient(study, PATTERNS)
    assert (found and found["text"]) == text


def test_a_pattern_describes_the_whole_value() -> None:
    assert not_patient({"patient_id": "xqa1"}, PATTERNS) is None
    assert not_patient({"patient_id": ""}, NotPatientPatterns(ids=("*",))) is None


def test_one_report_of_no_patient_makes_the_study_no_patients() -> None:
    found = [not_patient(study, PATTERNS) for study in ({"patient_id": "QA1"}, {"patient_id": "4711"})]
    assert together(found) == together(reversed(found)) == found[0]
    assert together([None, None]) is None
    both = together([found[0], not_patient({"patient_id": "PHY1", "patient_name": "QA^Daily"}, PATTERNS)])
    assert both is not None
    assert both["text"] == "IDs: phy* qa* | Names: qa*"
    assert (both["matched_id_patterns"], both["matched_name_patterns"]) == (["phy*", "qa*"], ["qa*"])
