from datetime import time

import pytest
from pydantic import ValidationError

from shared.qr_node import NodeSettings

NIGHT = NodeSettings(hours_from=time(20), hours_until=time(6))
OFFICE = NodeSettings(hours_from=time(8), hours_until=time(17))


@pytest.mark.parametrize(
    ("settings", "moment", "seconds"),
    [
        (NodeSettings(), time(12), 0),
        (NIGHT, time(20), 0),
        (NIGHT, time(5, 59), 0),
        (NIGHT, time(6), 14 * 3600),
        (OFFICE, time(16, 59), 0),
        (OFFICE, time(17), 15 * 3600),
        (OFFICE, time(7, 59, 30), 30),
    ],
)
def test_hours_in_which_jobs_run(settings: NodeSettings, moment: time, seconds: float) -> None:
    assert settings.is_open_at(moment) is (seconds == 0)
    assert settings.seconds_until_open(moment) == seconds


def test_settings_survive_their_json() -> None:
    assert NodeSettings.model_validate(NIGHT.model_dump(mode="json")) == NIGHT


@pytest.mark.parametrize("wrong", [{"max_associations": 0}, {"pause_seconds": -1}, {"quirk": "x"}])
def test_settings_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NodeSettings.model_validate(wrong)
