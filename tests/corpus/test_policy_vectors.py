"""Known answers for hashes and for patterns that stand for no patient."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.importer.extract import extract
from services.importer.policies.not_patient import NotPatientPatterns, not_patient
from services.importer.policies.privacy import withhold
from shared.database.models import Handling
from shared.dose_document.values import list_of
from tests.helpers.importer.in_process import COMMON_PATTERNS

pytestmark = pytest.mark.corpus


@pytest.fixture
def vectors(facts: Path) -> dict[str, Any]:
    return dict(json.loads((facts / "vectors.json").read_text()))


def test_plain_hashes(vectors: dict[str, Any]) -> None:
    for vector in vectors["hash_sha256_utf8"]:
        name = " | ".join(vector.get("values") or [vector["value"]])
        stored = withhold({"patient_name": name}, {"patient_name": Handling.SHA256}, key=b"unused")
        assert stored == {"patient_name": vector["hex"]}
    assert len(vectors["hash_sha256_utf8"]) == 5


def test_not_patient(vectors: dict[str, Any]) -> None:
    known = vectors["not_patient"]
    patterns = NotPatientPatterns(ids=known["id_patterns"], names=known["name_patterns"])
    for case in known["cases"]:
        found = not_patient({"patient_name": case["name"], "patient_id": case["id"]}, patterns)
        matched = tuple(set(list_of(found or {}, f"matched_{of}_patterns")) for of in ("id", "name"))
        assert matched == (set(case["ids"]), set(case["names"])), case
    assert len(known["cases"]) == 5


def test_the_common_patterns_on_real_objects(facts: Path) -> None:
    expected = json.loads((facts / "expected.json").read_text())
    checked = 0
    for name, known in expected.items():
        wanted = {
            fact["path"].removeprefix("outcome.not_patient."): fact["value"]
            for fact in known
            if fact["path"].startswith("outcome.not_patient.")
        }
        if wanted and "+" not in name:
            study = extract(facts / "files" / name).to_json()["study"]
            found = not_patient(study, COMMON_PATTERNS) or {}
            assert {key: found.get(key) for key in wanted} == wanted, name
            checked += 1
    assert checked
