"""Known facts about the objects of the corpus hold in the documents that are extracted from them."""

import json
from pathlib import Path

import pytest

from services.importer.extract import extract
from tests.helpers.importer.facts import holds, look_up

pytestmark = pytest.mark.corpus

_NOT_IN_A_DOCUMENT = ("derived.", "privacy.", "outcome.")


def test_every_fact_about_a_single_object_holds(facts: Path) -> None:
    expected = json.loads((facts / "expected.json").read_text("utf-8"))
    single = {name: known for name, known in expected.items() if "+" not in name}
    failed = []
    held = 0
    for name, known in single.items():
        document = extract(facts / "files" / name).to_json()
        for fact in known:
            path = fact["path"]
            if (path.startswith(_NOT_IN_A_DOCUMENT) and path != "outcome.accepted") or fact.get("convention"):
                continue
            if holds(fact, document):
                held += 1
            else:
                failed.append(f"{name}: {path} = {look_up(document, path)!r}, should be {fact['value']!r}")
    assert failed == []
    assert held > 5700
