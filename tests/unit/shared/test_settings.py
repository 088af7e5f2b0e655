from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.settings import Settings, load

GOOD = {
    "DOSEWIRE_DATABASE_URL": "postgresql+psycopg2://dosewire:secret@db/dosewire",
    "DOSEWIRE_AMQP_URL": "amqp://dosewire:secret@mq/",
    "DOSEWIRE_DATA_DIR": "/data",
}


def test_values_are_read_and_typed() -> None:
    settings = load(Settings, GOOD | {"DOSEWIRE_LOG_LEVEL": "warning"})
    assert settings.data_dir == Path("/data")
    assert settings.log_level == "warning"
    assert settings.log_format == "json"


def test_secrets_do_not_show_in_logs() -> None:
    assert "secret" not in repr(load(Settings, GOOD))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_database_url_names_our_driver(scheme: str) -> None:
    settings = load(Settings, GOOD | {"DOSEWIRE_DATABASE_URL": f"{scheme}://u:p@h:5432/d"})
    assert settings.database_url.get_secret_value() == "postgresql+psycopg2://u:p@h:5432/d"


def test_file_variant_is_read_without_its_last_newline(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("amqp://from:file@mq/\n")
    environ = {name: value for name, value in GOOD.items() if name != "DOSEWIRE_AMQP_URL"}
    settings = load(Settings, environ | {"DOSEWIRE_AMQP_URL_FILE": str(secret)})
    assert settings.amqp_url.get_secret_value() == "amqp://from:file@mq/"


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(
            Settings,
            {
                "DOSEWIRE_DATABASE_URL": "mysql://h/d",
                "DOSEWIRE_AMQP_URL_FILE": str(tmp_path / "missing"),
                "DOSEWIRE_LOG_FORMAT": "xml",
            },
        )
    problems = dict(problem.split(": ", 1) for problem in caught.value.problems)
    assert set(problems) == {
        "DOSEWIRE_DATABASE_URL",
        "DOSEWIRE_AMQP_URL",
        "DOSEWIRE_DATA_DIR",
        "DOSEWIRE_LOG_FORMAT",
    }
    assert problems["DOSEWIRE_DATABASE_URL"].startswith("must look like postgresql+psycopg2://")
    assert "No such file" in problems["DOSEWIRE_AMQP_URL"]
    assert problems["DOSEWIRE_DATA_DIR"] == "is not set"


def test_value_and_file_together_are_a_problem(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("amqp://from:file@mq/")
    with pytest.raises(SettingsError, match="DOSEWIRE_AMQP_URL: is set and so is DOSEWIRE_AMQP_URL_FILE"):
        load(Settings, GOOD | {"DOSEWIRE_AMQP_URL_FILE": str(secret)})


def test_problems_do_not_show_the_value() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Settings, GOOD | {"DOSEWIRE_DATABASE_URL": "mysql://u:hunter2@h/d"})
    assert "hunter2" not in str(caught.value)


def test_the_environment_itself_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert load(Settings).data_dir == Path("/data")


def test_only_the_mapping_given_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSEWIRE_DATA_DIR", "/elsewhere")
    with pytest.raises(SettingsError, match="DOSEWIRE_DATA_DIR: is not set"):
        load(Settings, {name: value for name, value in GOOD.items() if name != "DOSEWIRE_DATA_DIR"})
