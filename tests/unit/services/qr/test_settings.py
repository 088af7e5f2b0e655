import pytest

from services.qr.settings import QrSettings
from shared.errors import SettingsError
from shared.settings import load

REQUIRED = {
    "DOSEWIRE_DATABASE_URL": "postgresql://u:p@host/db",
    "DOSEWIRE_AMQP_URL": "amqp://u:p@host/",
    "DOSEWIRE_DATA_DIR": "/data",
}


def test_the_defaults_end_a_step_well_before_the_broker_takes_its_message_back() -> None:
    settings = load(QrSettings, REQUIRED)
    assert settings.health_port == 9103
    assert settings.qr_idle_seconds < settings.qr_step_seconds <= 1500


@pytest.mark.parametrize("value", ["1501", "0", "-1", "soon"])
def test_a_step_that_could_outlast_the_broker_is_refused(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(QrSettings, REQUIRED | {"DOSEWIRE_QR_STEP_SECONDS": value})
    (problem,) = caught.value.problems
    assert problem.startswith("DOSEWIRE_QR_STEP_SECONDS: ")


@pytest.mark.parametrize("name", ["CONNECT", "ACSE", "IDLE", "SWEEP", "OVERDUE"])
def test_no_time_is_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"DOSEWIRE_QR_{name}_SECONDS"):
        load(QrSettings, REQUIRED | {f"DOSEWIRE_QR_{name}_SECONDS": "0"})
