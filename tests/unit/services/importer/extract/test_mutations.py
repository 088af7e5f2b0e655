"""Broken reports of our own making give a document or a clear refusal; the corpus' own are in tests/corpus."""

import json
from pathlib import Path

import pytest

from services.importer.extract import extract
from shared.errors import UnreadableObject
from tests.helpers.broken_objects.byte_mutations import mutations
from tests.helpers.objects.content_items import TRANSFER_SYNTAXES, part10_bytes, small_report


@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES)
@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_broken_reports_are_read_or_refused(tmp_path: Path, transfer_syntax: str, undefined_lengths: bool) -> None:
    data = part10_bytes(small_report(), transfer_syntax, undefined_lengths=undefined_lengths)
    path = tmp_path / "broken.dcm"
    reasons = []
    for mutation in mutations(data, 250, seed=1):
        path.write_bytes(mutation)
        try:
            json.dumps(extract(path).to_json(), allow_nan=False)
        except UnreadableObject as error:
            reasons.append(str(error))
    assert 0 < len(reasons) < 250
    assert all(0 < len(reason) < 300 for reason in reasons)
