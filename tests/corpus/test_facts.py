"""What is known of the corpus objects holds in the documents that are extracted from them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.importer.extract import extract

pytestmark = pytest.mark.corpus

_NOT_IN_A_DOCUMENT = ("derived.", "privacy.", "outcome.")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d+")


def test_every_fact_about_a_single_object_holds(corpus: Path) -> None:
    expected = json.loads((corpus / "expected.json").read_text("utf-8"))
    single = {name: facts for name, facts in expected.items() if "+" not in name}
    failed = []
    held = 0
    for name, facts in single.items():
        document = extract(corpus / "files" / name).to_json()
        for fact in facts:
            path = fact["path"]
            if (path.startswith(_NOT_IN_A_DOCUMENT) and path != "outcome.accepted") or fact.get("convention"):
                continue
            found = _look_up(document, path)
            if any(_same(found, wanted, fact.get("tol")) for wanted in fact.get("accept", [fact["value"]])):
                held += 1
            else:
                failed.append(f"{name}: {path} = {found!r}, should be {fact['value']!r}")
    assert failed == []
    assert held > 5700


def _look_up(document: Any, path: str) -> Any:
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            document = document[int(index)] if index else document[name]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _same(found: Any, wanted: Any, tolerance: float | None) -> bool:
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(_same(f, w, tolerance) for f, w in zip(found, wanted, strict=True))
        )
    if isinstance(wanted, bool) or wanted is None or found is None or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, int | float):
        allowed = abs(wanted) * 1e-6 + 1e-12 if tolerance is None else tolerance
        return isinstance(found, int | float) and abs(found - wanted) <= allowed
    return _trimmed(str(found)) == _trimmed(str(wanted))


def _trimmed(text: str) -> str:
    return text.strip().rstrip("0").rstrip(".") if _MOMENT.fullmatch(text.strip()) else text.strip()
