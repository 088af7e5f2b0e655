import subprocess
import sys
from pathlib import Path

from services.importer.settings import ImporterSettings
from shared.settings import load

SCRIPT = Path(__file__).parents[3] / "deploy" / "credentials.py"


def run(folder: Path) -> str:
    # -I: nothing of this environment, as in an image that holds nothing but Python
    return subprocess.run([sys.executable, "-I", SCRIPT, folder], check=True, capture_output=True, text=True).stdout


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*v1/*")}


def test_the_services_understand_what_is_made(tmp_path: Path) -> None:
    assert run(tmp_path) == "credentials: made\n"
    settings = load(
        ImporterSettings,
        {
            "DOSEWIRE_DATABASE_URL_FILE": str(tmp_path / "v1" / "database_url"),
            "DOSEWIRE_AMQP_URL_FILE": str(tmp_path / "v1" / "amqp_url"),
            "DOSEWIRE_PRIVACY_HASH_KEY_FILE": str(tmp_path / "privacy-v1" / "privacy_hash_key"),
            "DOSEWIRE_DATA_DIR": "/var/lib/dosewire",
        },
    )
    assert settings.privacy_hash_key is not None
    assert settings.privacy_hash_key.get_secret_value() == contents(tmp_path)["privacy_hash_key"]
    database_password = contents(tmp_path)["postgres_password"]
    broker_password = contents(tmp_path)["rabbitmq.conf"].rpartition("default_pass = ")[2].strip()
    assert f":{database_password}@postgres:5432/" in settings.database_url.get_secret_value()
    assert f":{broker_password}@rabbitmq:5672/" in settings.amqp_url.get_secret_value()


def test_passwords_are_long_and_of_one_installation_only(tmp_path: Path) -> None:
    passwords = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        run(tmp_path / name)
        passwords.add(contents(tmp_path / name)["postgres_password"])
        passwords.add(contents(tmp_path / name)["privacy_hash_key"])
        passwords.add(contents(tmp_path / name)["rabbitmq.conf"].rpartition("default_pass = ")[2].strip())
    assert len(passwords) == 6
    assert {len(password) for password in passwords} == {64}


def test_a_second_start_keeps_them(tmp_path: Path) -> None:
    run(tmp_path)
    before = contents(tmp_path)
    assert run(tmp_path) == "credentials: kept\n"
    assert contents(tmp_path) == before


def test_an_older_installation_gets_the_key_and_keeps_its_passwords(tmp_path: Path) -> None:
    run(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "privacy-v1" / "privacy_hash_key").unlink()
    (tmp_path / "privacy-v1").rmdir()
    assert run(tmp_path) == "credentials: made\n"
    after = contents(tmp_path)
    assert after.pop("privacy_hash_key") != before.pop("privacy_hash_key")
    assert after == before


def test_a_start_that_was_cut_short_does_not_matter(tmp_path: Path) -> None:
    unfinished = tmp_path / ".unfinished-0"
    unfinished.mkdir()
    (unfinished / "postgres_password").write_text("half", encoding="utf-8")
    assert run(tmp_path) == "credentials: made\n"
    assert "half" not in contents(tmp_path)["postgres_password"]


def test_nobody_can_write_to_them_and_other_users_can_read_them(tmp_path: Path) -> None:
    run(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*v1/*")} == {0o444}
    assert all((tmp_path / name).stat().st_mode & 0o005 == 0o005 for name in ("v1", "privacy-v1"))
