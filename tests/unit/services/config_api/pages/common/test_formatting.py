from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.config_api.pages.common.formatting import dose, iso, state_class
from shared.database.models import QrJobState, QrStudyState


@pytest.mark.parametrize(
    ("value", "factor", "text"),
    [
        (None, 1, "\N{EN DASH}"),
        (0.0, 1, "0"),
        (60.17, 1, "60.17"),
        (2002.39, 1, "2002"),
        (123456.7, 1, "123457"),
        (0.00031522, 10000, "3.152"),
        (0.012722, 1000, "12.72"),
        (1e-9, 1, "1.000e-09"),
        (5e-324, 1, "4.941e-324"),
        (1.8e308, 1, "inf"),
        (-0.5, 1, "-0.5"),
    ],
)
def test_four_digits_of_a_dose(value: float | None, factor: float, text: str) -> None:
    assert dose(value, factor) == text


def test_moments_are_in_utc() -> None:
    assert iso(datetime(2026, 11, 21, 1, 2, 3, 456, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-21T00:02:03Z"
    assert iso(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00Z"


def test_states_have_colours() -> None:
    assert state_class("alive") == "state-good"
    assert state_class("association fail") == "state-bad"
    assert state_class('x" onclick="') == "state-idle"
    idle = {state for state in (*QrJobState, *QrStudyState) if state_class(state) == "state-idle"}
    assert idle == {QrJobState.CANCELLED, QrStudyState.CANCELLED, QrStudyState.SKIPPED}
    assert (state_class(QrJobState.COMPLETE), state_class(QrStudyState.FAILED)) == ("state-good", "state-bad")
