import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from shared.jobs.node_settings import NodeSettings
from shared.tls.client import ServerIdentity
from shared.tls.node import NodeTls

NIGHT = NodeSettings(hours_from=time(20), hours_until=time(6))
OFFICE = NodeSettings(hours_from=time(8), hours_until=time(17))


BERLIN = "Europe/Berlin"


def at(text: str, zone: str = BERLIN, *, fold: int = 0) -> datetime:
    """Return the moment at which the clock of a zone shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.fixture
def host_in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", BERLIN)
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.parametrize(
    ("settings", "moment", "seconds"),
    [
        (NodeSettings(), "12:00", 0),
        (NIGHT, "20:00", 0),
        (NIGHT, "05:59", 0),
        (NIGHT, "06:00", 14 * 3600),
        (OFFICE, "16:59", 0),
        (OFFICE, "17:00", 15 * 3600),
        (OFFICE, "07:59:30", 30),
        (NodeSettings(hours_from=time(8), hours_until=time(8)), "12:00", 0),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", BERLIN, "Asia/Kathmandu", "America/New_York"])
def test_hours_in_which_jobs_run(settings: NodeSettings, moment: str, seconds: float, zone: str) -> None:
    there = settings.model_copy(update={"time_zone": zone})
    assert there.is_open_at(at(f"2026-06-10 {moment}", zone)) is (seconds == 0)
    assert there.seconds_until_open(at(f"2026-06-10 {moment}", zone)) == seconds


@pytest.mark.usefixtures("host_in_berlin")
def test_without_a_time_zone_the_host_s_clock_counts() -> None:
    assert not OFFICE.is_open_at(at("2026-06-10 07:59"))
    assert OFFICE.is_open_at(at("2026-06-10 08:00"))
    assert OFFICE.seconds_until_open(at("2026-03-28 17:00")) == 14 * 3600  # an hour is left out in that night


@pytest.mark.parametrize(
    ("hours", "moment", "hours_to_wait"),
    [
        pytest.param((time(8), time(17)), at("2026-03-28 17:00"), 14, id="over the night that is an hour shorter"),
        pytest.param((time(8), time(17)), at("2026-10-24 17:00"), 16, id="over the night that is an hour longer"),
        pytest.param((time(2, 30), time(6)), at("2026-03-29 00:30"), 2, id="begins at a time that is left out"),
        pytest.param((time(2, 10), time(2, 40)), at("2026-03-29 00:10"), 25, id="lies in what is left out"),
        pytest.param((time(2, 30), time(6)), at("2026-10-25 02:15"), 0.25, id="the first of two"),
        pytest.param((time(2, 30), time(6)), at("2026-10-25 02:15", fold=1), 0.25, id="the second of two"),
    ],
)
def test_hours_when_the_clock_changes(hours: tuple[time, time], moment: datetime, hours_to_wait: float) -> None:
    settings = NodeSettings(hours_from=hours[0], hours_until=hours[1], time_zone=BERLIN)
    assert not settings.is_open_at(moment)
    assert settings.seconds_until_open(moment) == hours_to_wait * 3600


def test_a_wrong_time_zone_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        NodeSettings.model_validate({"time_zone": "Berlin"})
    (error,) = caught.value.errors()
    assert error["loc"] == ("time_zone",)
    assert "is not a time zone of the IANA database: write one such as Europe/Berlin" in error["msg"]


def test_hours_have_no_time_zone_of_their_own() -> None:
    with pytest.raises(ValidationError, match="without a time zone: that is in time_zone"):
        NodeSettings.model_validate({"hours_from": "20:00:00Z", "hours_until": "06:00:00"})


@pytest.mark.parametrize("name", ["", "a b", "-pacs", "pacs.", "x" * 300, "pacs/1"])
def test_a_name_that_no_certificate_can_have(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NodeSettings.model_validate({"tls": True, "tls_name": name})
    assert caught.value.errors()[0]["loc"] == ("tls_name",)


def test_who_a_node_has_to_be() -> None:
    assert NodeSettings().server_identity("10.0.0.7") is None
    assert NodeSettings(tls=True).server_identity("10.0.0.7") == ServerIdentity("10.0.0.7", is_checked=True)
    named = NodeSettings(tls=True, tls_name="pacs.example.org", tls_check_name=False)
    assert named.server_identity("10.0.0.7") == ServerIdentity("pacs.example.org", is_checked=False)
    assert NodeTls.model_validate(NIGHT.model_dump(mode="json") | {"tls": True}).server_identity("::1") == (
        ServerIdentity("::1")
    )


def test_settings_survive_their_json() -> None:
    assert NodeSettings.model_validate(NIGHT.model_dump(mode="json")) == NIGHT


@pytest.mark.parametrize("wrong", [{"max_associations": 0}, {"pause_seconds": -1}, {"quirk": "x"}])
def test_settings_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NodeSettings.model_validate(wrong)
