"""Broken reports of our own making give a document or a clear refusal; the corpus' own are in tests/corpus."""

import json
from pathlib import Path

import pytest

from services.importer.extract import extract
from shared.errors import UnreadableObject
from tests.helpers.content_items import TRANSFER_SYNTAXES, coded, container, moment, num, part10_bytes, report, text
from tests.helpers.mutations import mutations


@pytest.mark.parametrize("transfer_syntax", TRANSFER_SYNTAXES)
@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_broken_reports_are_read_or_refused(tmp_path: Path, transfer_syntax: str, undefined_lengths: bool) -> None:
    event = container(
        "113706",
        "Irradiation Event X-Ray Data",
        moment("111526", "DateTime Started", "20260314091530"),
        coded("113721", "Irradiation Event Type", "P5-06000", "Fluoroscopy"),
        num("122130", "Dose Area Product", "0.5", "dGy.cm2"),
        num("113733", "KVP", ["70", "80", "90"], "kV"),
        container("113771", "X-Ray Filters", num("113758", "X-Ray Filter Thickness Minimum", "0.2", "mm")),
        text("121106", "Comment", '<iiDiameter SRData="220"/>'),
    )
    totals = container("113702", "Accumulated X-Ray Dose Data", num("113722", "Dose Area Product Total", "1", "Gy.m2"))
    dataset = report(totals, event, event, PatientAge="060Y", ReferringPhysicianName="A^B")
    data = part10_bytes(dataset, transfer_syntax, undefined_lengths=undefined_lengths)
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
