"""Generated objects: for each, the importer's reader gives a document or a reason in words.

Needs no corpus. DOSEWIRE_TEST_MUTATIONS sets how many are tried; the same number tries the same ones.
"""

import json
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.importer.extract import extract
from shared.dicom.header import read_header
from shared.errors import UnreadableObject
from tests.helpers.broken_objects.element_tree import file_bytes
from tests.helpers.broken_objects.robustness import MAX_MEMORY_MIB, MAX_REASON, MAX_SECONDS, read_broken_versions
from tests.helpers.broken_objects.structural_mutations import mutate
from tests.helpers.objects.any_object import any_object
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES, part10_bytes, small_report
from tools import dose_objects as dose_reports

pytestmark = pytest.mark.faults

MUTATIONS = int(os.environ.get("DOSEWIRE_TEST_MUTATIONS", "3"))
EXAMPLES = 20 * MUTATIONS


@pytest.mark.timeout(60 + EXAMPLES)
@given(
    random=st.randoms(use_true_random=False), transfer_syntax=st.sampled_from(TRANSFER_SYNTAXES), broken=st.booleans()
)
@settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=MAX_SECONDS),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_object_gives_a_document_or_a_reason(
    tmp_path: Path, random: Random, transfer_syntax: str, broken: bool
) -> None:
    elements = any_object(random)
    if broken:
        mutate(elements, random)
    path = tmp_path / "object.dcm"
    path.write_bytes(file_bytes(elements, transfer_syntax))
    try:
        outcome = _outcome(path)
    except UnreadableObject as error:
        outcome = str(error)
    assert 0 < len(outcome) < MAX_REASON


def test_the_objects_are_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    outcomes: Counter[str] = Counter()
    for seed in range(400):
        path.write_bytes(file_bytes(any_object(Random(seed)), TRANSFER_SYNTAXES[seed % 4]))
        outcomes[_outcome(path)] += 1
    assert {"ct_dose_sr", "projection_dose_sr", "mg_dose_sr", "radiopharmaceutical_dose_sr"} <= outcomes.keys()
    assert {"radiography_image_header", "mammography_image_header"} <= outcomes.keys()


def test_broken_reports_of_our_own_are_read_or_refused_within_memory(tmp_path: Path) -> None:
    files = [
        dose_reports.write(dose_reports.ct_report(), tmp_path / "ct.dcm"),
        dose_reports.write(dose_reports.fluoroscopy_report(), tmp_path / "rf.dcm"),
        dose_reports.write(dose_reports.radiography_report(), tmp_path / "dx.dcm"),
        tmp_path / "small.dcm",
    ]
    files[-1].write_bytes(part10_bytes(small_report(), undefined_lengths=True))
    for result in read_broken_versions(files, 8 * MUTATIONS):
        assert result.read, result
        assert result.unreadable, result
        assert result.longest_reason < MAX_REASON, result
        assert result.resident_mib < MAX_MEMORY_MIB, result


def _outcome(path: Path) -> str:
    """Read an object, and its header alone; return its kind, or why it is refused."""
    header = read_header(path)
    document = extract(path).to_json()
    json.dumps(document, allow_nan=False)
    assert document["object"]["sop_class_uid"] == header.sop_class_uid
    return str(document["outcome"].get("object_kind") or document["outcome"]["refusal_reason"])
