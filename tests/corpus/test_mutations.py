"""Broken versions of every corpus object give a document or a clear refusal: never a crash, a hang, or much memory."""

import json
import os
import resource
import time
from pathlib import Path

import pytest

from services.importer.extract import extract
from shared.errors import UnreadableObject
from tests.helpers.mutations import mutations

pytestmark = pytest.mark.corpus

MUTATIONS_EACH = int(os.environ.get("MUTATIONS_EACH", "20"))
"""1,000 are what the product promises to survive; the default keeps the test short."""
LARGE = 200_000
MAX_SECONDS = 20
MAX_GROWTH_MIB = 400


@pytest.mark.timeout(60 + 3 * MUTATIONS_EACH * 46)
def test_broken_objects_are_read_or_refused(corpus: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dcm"
    longest_reason = 0
    before = _resident_mib()
    outcomes = {"read": 0, "refused": 0, "unreadable": 0}
    for path in sorted((corpus / "files").iterdir()):
        data = path.read_bytes()
        count = MUTATIONS_EACH if len(data) < LARGE else max(2, MUTATIONS_EACH // 10)
        for number, mutation in enumerate(mutations(data, count)):
            broken.write_bytes(mutation)
            begun = time.process_time()
            try:
                document = extract(broken).to_json()
            except UnreadableObject as error:
                outcomes["unreadable"] += 1
                longest_reason = max(longest_reason, len(str(error)))
            else:
                json.dumps(document, allow_nan=False)
                outcomes["read" if document["outcome"]["accepted"] else "refused"] += 1
            assert time.process_time() - begun < MAX_SECONDS, (path.name, number)
    assert all(outcomes.values()), "the mutations are too weak or too strong to say anything"
    assert 0 < longest_reason < 300
    assert _resident_mib() - before < MAX_GROWTH_MIB


def _resident_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
