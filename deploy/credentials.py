"""Makes the secrets of one installation, once: `python credentials.py FOLDER`.

The folder is a volume that only the containers of the installation see. What lies there is kept, so the passwords stay
the same for the life of the volume. Runs on plain Python, before anything of Dosewire is installed.

    v1/postgres_password         read by PostgreSQL when it initialises its data (POSTGRES_PASSWORD_FILE)
    v1/rabbitmq.conf             read by RabbitMQ when it starts with an empty data volume (RABBITMQ_CONFIG_FILE)
    v1/database_url              read by the services (DOSEWIRE_DATABASE_URL_FILE)
    v1/amqp_url                  read by the services (DOSEWIRE_AMQP_URL_FILE)
    privacy-v1/privacy_hash_key  read by importer and config_api (DOSEWIRE_PRIVACY_HASH_KEY_FILE)

Each folder is made as a whole, or found: an installation that is older than a folder gets it with its next start.
"""

import os
import secrets
import sys
from pathlib import Path

READABLE_BY_ALL = 0o444  # PostgreSQL, RabbitMQ and the services run under different users


def contents() -> dict[str, dict[str, str]]:
    """Return what each file holds, by its folder and its name."""
    # Hexadecimal: the same in a URL, a configuration file and an SQL literal. 32 bytes each.
    database_password, broker_password = secrets.token_hex(32), secrets.token_hex(32)
    servers = {
        "postgres_password": database_password,
        "rabbitmq.conf": f"default_user = dosewire\ndefault_pass = {broker_password}\n",
        "database_url": f"postgresql+psycopg2://dosewire:{database_password}@postgres:5432/dosewire",
        "amqp_url": f"amqp://dosewire:{broker_password}@rabbitmq:5672/%2F",
    }
    return {"v1": servers, "privacy-v1": {"privacy_hash_key": secrets.token_hex(32)}}


def make(folder: Path) -> bool:
    """Write the folders that are not there yet; returns whether there were any.

    Each is written beside and renamed, so a start that is cut short leaves none or all of its files.
    """
    missing = {name: files for name, files in contents().items() if not (folder / name).exists()}
    for name, files in missing.items():
        unfinished = folder / f".unfinished-{secrets.token_hex(8)}"
        unfinished.mkdir()
        for file_name, text in files.items():
            path = unfinished / file_name
            path.write_text(text, encoding="utf-8")
            path.chmod(READABLE_BY_ALL)
        unfinished.rename(folder / name)
    if missing:
        os.sync()  # PostgreSQL keeps the password for good from now on, and so must we
    return bool(missing)


if __name__ == "__main__":
    made = make(Path(sys.argv[1]))
    sys.stdout.write("credentials: made\n" if made else "credentials: kept\n")
