import subprocess
import sys
from pathlib import Path

from shared.settings import Settings, load

SCRIPT = Path(__file__).parents[3] / "deploy" / "credentials.py"


def run(folder: Path) -> str:
    # -I: nothing of this environment, as in an image that holds nothing but Python
    return subprocess.run([sys.executable, "-I", SCRIPT, folder], check=True, capture_output=True, text=True).stdout


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (folder / "v1").iterdir()}


def test_the_services_understand_what_is_made(tmp_path: Path) -> None:
    assert run(tmp_path) == "credentials: made\n"
    settings = load(
        Settings,
        {
            "DOSEWIRE_DATABASE_URL_FILE": str(tmp_path / "v1" / "database_url"),
            "DOSEWIRE_AMQP_URL_FILE": str(tmp_path / "v1" / "amqp_url"),
            "DOSEWIRE_DATA_DIR": "/var/lib/dosewire",
        },
    )
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
        passwords.add(contents(tmp_path / name)["rabbitmq.conf"].rpartition("default_pass = ")[2].strip())
    assert len(passwords) == 4
    assert {len(password) for password in passwords} == {64}


def test_a_second_start_keeps_them(tmp_path: Path) -> None:
    run(tmp_path)
    before = contents(tmp_path)
    assert run(tmp_path) == "credentials: kept\n"
    assert contents(tmp_path) == before


def test_a_start_that_was_cut_short_does_not_matter(tmp_path: Path) -> None:
    unfinished = tmp_path / ".unfinished-0"
    unfinished.mkdir()
    (unfinished / "postgres_password").write_text("half", encoding="utf-8")
    assert run(tmp_path) == "credentials: made\n"
    assert "half" not in contents(tmp_path)["postgres_password"]


def test_nobody_can_write_to_them_and_other_users_can_read_them(tmp_path: Path) -> None:
    run(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "v1").iterdir()} == {0o444}
    assert (tmp_path / "v1").stat().st_mode & 0o005 == 0o005
