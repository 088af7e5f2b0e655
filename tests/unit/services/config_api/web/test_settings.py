import pytest

from services.config_api.web.settings import ConfigApiSettings
from shared.errors import SettingsError
from shared.settings import load

NEEDED = {
    "DOSEWIRE_DATABASE_URL": "postgresql://dosewire@127.0.0.1/dosewire",
    "DOSEWIRE_AMQP_URL": "amqp://guest:guest@127.0.0.1/",
    "DOSEWIRE_DATA_DIR": "/var/lib/dosewire",
}


def settings(**environ: str) -> ConfigApiSettings:
    return load(ConfigApiSettings, NEEDED | {f"DOSEWIRE_{name}": value for name, value in environ.items()})


def test_by_default_only_this_machine_may_call() -> None:
    default = settings()
    assert default.http_host == "127.0.0.1"
    assert default.health_host == "127.0.0.1"
    assert default.allowed_hosts == {"localhost", "127.0.0.1", "[::1]"}


def test_host_names_are_compared_in_lower_case() -> None:
    assert settings(HTTP_ALLOWED_HOSTS="Dosewire.Example.org, localhost").allowed_hosts == {
        "dosewire.example.org",
        "localhost",
    }


def test_health_servers_by_service() -> None:
    assert settings().health_urls["importer"] == "http://127.0.0.1:9102"
    assert settings(SERVICE_HEALTH_URLS="qr=http://qr:9100").health_urls == {"qr": "http://qr:9100"}
    assert settings(SERVICE_HEALTH_URLS="-").health_urls == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "0"),
        ("HTTP_ALLOWED_HOSTS", " , "),
        ("HTTP_THREADS", "1"),
        ("SERVICE_HEALTH_URLS", "importer"),
        ("SERVICE_HEALTH_URLS", "importer=ftp://x"),
        ("SERVICE_HEALTH_URLS", "importer=http://x:port"),
    ],
)
def test_wrong_values_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"DOSEWIRE_{name}: "):
        settings(**{name: value})
