"""The corpus through the importer: what is stored is what is extracted; sequences of objects give the known facts."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.importer.extract import extract
from tests.helpers.imports import Workbench, expected_documents

pytestmark = [pytest.mark.corpus, pytest.mark.integration]

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
FILES = sorted(path.name for path in CORPUS.glob("files/*.dcm"))
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text()) if FILES else {}
SEQUENCES = [key for key in EXPECTED if "+" in key]


@pytest.fixture
def workbench(database_url: str, data_dir: Path, corpus: Path) -> Iterator[Workbench]:
    bench = Workbench(database_url=database_url, data_dir=data_dir)
    yield bench
    bench.close()


def test_every_accepted_object_reads_back_as_its_extract(workbench: Workbench, corpus: Path) -> None:
    compared = 0
    for name in FILES:
        path = corpus / "files" / name
        (message,) = workbench.send(path)
        if not extract(path).to_json()["outcome"]["accepted"]:
            assert workbench.outcome(message)[0] == "refused"
            continue
        stored = [(study.part.value, study.document) for study in workbench.studies()]
        assert stored == list(expected_documents(path)), name
        compared += 1
        forget(workbench)
    assert compared > 40


# ---- sequences: several objects, imported one after the other


def test_sequences_give_the_known_facts_in_the_order_given(workbench: Workbench, corpus: Path) -> None:
    wrong = []
    for key in SEQUENCES:
        messages = workbench.send(*(corpus / "files" / name for name in key.split("+")))
        known = facts_of(workbench, messages)
        wrong += [f"{key}: {problem}" for problem in problems(EXPECTED[key], known)]
        forget(workbench)
    assert wrong == []


def test_sequences_give_the_same_rows_in_every_order(workbench: Workbench, corpus: Path) -> None:
    for key in SEQUENCES:
        names = key.split("+")
        if len(names) > 4:
            continue
        snapshots = []
        for order in sorted(set(itertools.permutations(names))):
            workbench.send(*(corpus / "files" / name for name in order))
            snapshots.append(workbench.snapshot())
            forget(workbench)
        assert all(snapshot == snapshots[0] for snapshot in snapshots), key


def forget(workbench: Workbench) -> None:
    with workbench.engine.begin() as connection:
        connection.execute(text("TRUNCATE study, equipment, received_object CASCADE"))


def facts_of(workbench: Workbench, messages: list[Any]) -> dict[str, Any]:
    """Return what is stored in the shape that the facts speak of."""
    studies = sorted(workbench.studies(), key=lambda study: study.id)
    documents = [
        study.document
        | {
            "outcome": study.document["outcome"]
            | {"processed_sop_instance_uids": sorted(study.processed_sop_instance_uids)}
        }
        for study in studies
    ]
    events = {
        event["irradiation_event_uid"]
        for document in documents
        for part in ("ct", "xray", "mg")
        for event in document.get(part, {}).get("events", [])
    }
    together = {
        "study_count": len(studies),
        "last_object": workbench.row(messages[-1])["effect"],
        "distinct_study_instance_uids": len({document["study"]["study_instance_uid"] for document in documents}),
        "distinct_event_count": len(events),
        "sum_total_dlp_mgy_cm": sum(document.get("ct", {}).get("total_dlp_mgy_cm") or 0 for document in documents),
        "modalities": sorted(document["study"]["modality"] for document in documents),
    }
    first = documents[0]
    return first | {"studies": documents, "outcome": first["outcome"] | together}


def problems(facts: list[dict[str, Any]], known: dict[str, Any]) -> Iterator[str]:
    """Yield the facts that do not hold, apart from those that the content does not force."""
    # Where it is a convention how many studies there are, so is what each of them holds.
    as_one = any(fact.get("convention") and fact["path"] == "outcome.study_count" for fact in facts)
    for fact in facts:
        if fact.get("convention") or (as_one and fact["path"].startswith("studies[")):
            continue
        if "over_14_days" in fact["path"]:
            continue  # over several studies of one patient: not in the document of one
        found = look_up(known, fact["path"])
        if not any(same(found, wanted, fact.get("tol", 0)) for wanted in fact.get("accept", [fact["value"]])):
            yield f"{fact['path']} is {found!r}, should be {fact['value']!r}"


def look_up(document: Any, path: str) -> Any:
    for step in path.replace("[", ".[").split("."):
        if step.startswith("["):
            index = int(step[1:-1])
            document = document[index] if isinstance(document, list) and index < len(document) else None
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def same(found: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return isinstance(found, int | float) and abs(found - wanted) <= max(tolerance, 1e-9 * abs(wanted))
    return bool(found == (sorted(wanted) if isinstance(wanted, list) else wanted))
