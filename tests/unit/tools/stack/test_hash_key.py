from pathlib import Path

from services.importer.settings import ImporterSettings
from shared.settings import load
from tools.stack.hash_key import hash_key_file


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = hash_key_file(tmp_path)
    key = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert hash_key_file(tmp_path) == path
    assert path.read_text() == key
    assert [entry.name for entry in tmp_path.iterdir()] == ["privacy_hash_key"]


def test_folders_have_different_keys_which_the_services_take(tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        environ = {
            "DOSEWIRE_DATABASE_URL": "postgresql://dosewire@127.0.0.1/dosewire",
            "DOSEWIRE_AMQP_URL": "amqp://127.0.0.1",
            "DOSEWIRE_DATA_DIR": str(tmp_path),
            "DOSEWIRE_PRIVACY_HASH_KEY_FILE": str(hash_key_file(tmp_path / name)),
        }
        key = load(ImporterSettings, environ).privacy_hash_key
        assert key is not None
        keys.add(key.get_secret_value())
    assert {len(key) for key in keys} == {64}
    assert len(keys) == 2
