"""The typed dose document and the JSON that it becomes."""

import ast
from pathlib import Path

import pytest

from shared.database.models import StudyPart
from shared.dose_document.document import (
    CtDose,
    DocumentOutcome,
    Dose,
    DoseDocument,
    Finding,
    MammographyDose,
    NuclearDose,
    ProjectionDose,
    refused,
)
from shared.dose_document.flags import Flag
from shared.dose_document.values import Values

CHECKOUT = Path(__file__).parents[4]
TYPED = ("services/importer", "shared/dose_document", "shared/stored_study")
JSON_BORDER = {"shared/dose_document/document.py"}
"""Modules that may speak of anything: where a document becomes JSON for others."""


def test_any_stands_only_at_the_border_to_json() -> None:
    found = set()
    for folder in TYPED:
        for path in (CHECKOUT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree)):
                found.add(str(path.relative_to(CHECKOUT)))
    assert found == JSON_BORDER


def document(*doses: Dose) -> DoseDocument:
    whole = DoseDocument(
        object={"sop_instance_uid": "1.1", "template_id": None},
        study={"study_instance_uid": "1.0"},
        outcome=DocumentOutcome(accepted=True, object_kind="ct_dose_sr"),
    )
    for dose in doses:
        whole.add(dose)
    return whole


def test_parts_and_fields_without_a_value_are_not_printed() -> None:
    assert document().to_json() == {
        "object": {"sop_instance_uid": "1.1"},
        "study": {"study_instance_uid": "1.0"},
        "outcome": {"accepted": True, "object_kind": "ct_dose_sr", "warnings": []},
    }
    assert refused("no dose").to_json() == {
        "object": {},
        "study": {},
        "outcome": {"accepted": False, "refusal_reason": "no dose", "warnings": []},
    }


def test_each_dose_is_printed_as_the_part_that_it_is() -> None:
    whole = document(
        CtDose(totals={"events_count": 1}, events=[{"kvp": 120}], count_by_type={"spiral": 1}),
        ProjectionDose(totals={"plane_count": 1}, accumulated={"single": {"total_dap_gy_m2": 1e-5}}),
        NuclearDose(totals={"administrations_count": 0}, patient={"sex": "F"}, pet_series=[{"number": 1}]),
    )
    assert list(whole.doses) == [StudyPart.CT, StudyPart.XRAY, StudyPart.NM]
    printed = whole.to_json()
    assert printed["ct"] == {"events_count": 1, "events": [{"kvp": 120}], "count_by_type": {"spiral": 1}}
    assert printed["xray"] == {"plane_count": 1, "accumulated": {"single": {"total_dap_gy_m2": 1e-5}}, "events": []}
    assert printed["nm"] == {
        "administrations_count": 0,
        "administrations": [],
        "patient": {"sex": "F"},
        "pet_series": [{"number": 1}],
    }


def test_a_mammography_report_states_its_planes_under_xray() -> None:
    report = document(MammographyDose(plane_count=2))
    assert report.to_json()["xray"] == {"plane_count": 2}
    assert list(report.doses) == [StudyPart.MG]
    assert "xray" not in document(MammographyDose()).to_json()


def test_findings_are_not_printed() -> None:
    whole = document()
    whole.outcome.findings = [Finding(Flag.UNIT_UNKNOWN, "unit 'x'")]
    assert "findings" not in whole.to_json()["outcome"]


@pytest.mark.parametrize("part", ["ct", "xray", "mg", "nm"])
def test_every_container_is_changed(part: str) -> None:
    doses: dict[str, Dose] = {
        "ct": CtDose(totals={"a": 1}, events=[{"a": 1}], count_by_type={"spiral": 1}),
        "xray": ProjectionDose(totals={"a": 1}, accumulated={"b": {"a": 1}}, events=[{"a": 1}]),
        "mg": MammographyDose(totals={"a": 1}, accumulated={"b": {"a": 1}}, events=[{"a": 1}], plane_count=1),
        "nm": NuclearDose(totals={"a": 1}, administrations=[{"a": 1}], patient={"a": 1}, pet_series=[{"a": 1}]),
    }

    def change(values: Values) -> Values:
        return {name: 2 if name == "a" else value for name, value in values.items()}

    whole = document(doses[part])
    whole.sr = {"a": 1}
    assert str(whole.changed(change).to_json()) == str(whole.to_json()).replace("'a': 1", "'a': 2")
