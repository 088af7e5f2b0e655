"""Totals against the sum of their events."""

from typing import Any

import pytest

from services.importer.extract.plausibility.totals import differing_counts, differing_totals
from tests.helpers.importer.documents import dose_document


@pytest.mark.parametrize(
    ("total", "events", "flagged"),
    [
        (100.0, [60.0, 40.0], False),
        (100.0, [60.0, 41.5], False),
        (100.0, [60.0, 50.0], True),
        (100.0, [60.0, 20.0], True),
        (100.0, [60.0, None], False),
        (100.0, [120.0, None], True),
        (0.0, [0.0], False),
        (0.0, [1.0], True),
        (100.0, [], False),
        (None, [60.0], False),
        (9e-06, [2e-06, 6e-06], False),
        (9.0e-06, [2.01e-06, 5.01e-06], True),
    ],
)
def test_a_total_may_differ_by_rounding_and_no_more(
    total: float | None, events: list[float | None], flagged: bool
) -> None:
    stated = [{} if dlp is None else {"dlp_mgy_cm": dlp} for dlp in events]
    found = list(differing_totals(dose_document({"ct": {"total_dlp_mgy_cm": total, "events": stated}})))
    assert bool(found) is flagged
    if flagged:
        assert found[0].startswith(f"total_dlp_mgy_cm is {total:g}, but the events add up to ")


def biplane(**of_plane_a: float) -> dict[str, Any]:
    events = [
        {"plane": "a", "event_type": "Fluoroscopy", "dap_gy_m2": 2.11e-4, "rp_dose_gy": 0.0200},
        {"plane": "a", "event_type": "Stationary Acquisition", "dap_gy_m2": 1.03e-4, "rp_dose_gy": 0.0100},
        {"plane": "b", "event_type": "Fluoroscopy", "dap_gy_m2": 5.07e-4, "rp_dose_gy": 0.0500},
    ]
    right = {"total_dap_gy_m2": 3.14e-4, "fluoro_dap_gy_m2": 2.11e-4, "acquisition_dap_gy_m2": 1.03e-4}
    planes = {"a": right | of_plane_a, "b": {"total_dap_gy_m2": 5.07e-4}}
    return {"xray": {"total_dap_gy_m2": 8.21e-4, "events": events, "accumulated": planes}}


def test_planes_and_kinds_of_event_are_compared_on_their_own() -> None:
    assert list(differing_totals(dose_document(biplane()))) == []
    assert list(differing_totals(dose_document(biplane(fluoro_dap_gy_m2=3.14e-4, acquisition_dap_gy_m2=0.0)))) == [
        "fluoro_dap_gy_m2 of plane a is 0.000314, but the events add up to 0.000211",
        "acquisition_dap_gy_m2 of plane a is 0, but the events add up to 0.000103",
    ]
    assert list(differing_totals(dose_document(biplane(total_dap_gy_m2=8.21e-4)))) == [
        "total_dap_gy_m2 of plane a is 0.000821, but the events add up to 0.000314"
    ]


def test_without_the_kind_of_every_event_fluoroscopy_is_not_compared() -> None:
    document = biplane(fluoro_dap_gy_m2=9e-4)
    del document["xray"]["events"][1]["event_type"]
    assert list(differing_totals(dose_document(document))) == []


def test_breasts_are_compared_on_their_own() -> None:
    events = [{"laterality": "Left breast", "agd_mgy": 1.50}, {"laterality": "Right breast", "agd_mgy": 1.20}]
    stated = {"left": {"agd_mgy": 1.50}, "right": {"agd_mgy": 2.50}, "both": {"agd_mgy": 2.70}}
    assert list(differing_totals(dose_document({"mg": {"events": events, "accumulated": stated}}))) == [
        "agd_mgy of right is 2.5, but the events add up to 1.2"
    ]


def test_events_are_counted() -> None:
    assert list(differing_counts(dose_document({"ct": {"irradiation_event_count": 3, "events": [{}, {}]}}))) == [
        "irradiation_event_count is 3, but there are 2 events"
    ]
    assert list(differing_counts(dose_document({"ct": {"irradiation_event_count": 2, "events": [{}, {}]}}))) == []
    planes = {"single": {"irradiation_event_count": 2}}
    assert list(differing_counts(dose_document({"xray": {"accumulated": planes, "events": [{}]}}))) == [
        "irradiation_event_count of plane single is 2, but there are 1 events"
    ]
