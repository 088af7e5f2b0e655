import pytest

from services.importer.extract.collect import Warnings
from services.importer.extract.plausibility import flag_totals


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
    ],
)
def test_totals_that_differ_from_their_events_are_flagged(
    total: float | None, events: list[float | None], flagged: bool
) -> None:
    warnings = Warnings()
    stated = [{} if dlp is None else {"dlp_mgy_cm": dlp} for dlp in events]
    flag_totals({"total_dlp_mgy_cm": total, "events": stated}, warnings)
    assert bool(warnings.all()) is flagged
    if flagged:
        assert "total_dlp_mgy_cm" in warnings.all()[0]
