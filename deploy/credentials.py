"""Makes the passwords of one installation, once: `python credentials.py FOLDER`.

The folder is a volume that only the containers of the installation see. What lies there is kept, so the passwords stay
the same for the life of the volume. Runs on plain Python, before anything of Dosewire is installed.

    postgres_password  read by PostgreSQL when it initialises its data (POSTGRES_PASSWORD_FILE)
    rabbitmq.conf      read by RabbitMQ when it starts with an empty data volume (RABBITMQ_CONFIG_FILE)
    database_url       read by the services (DOSEWIRE_DATABASE_URL_FILE)
    amqp_url           read by the services (DOSEWIRE_AMQP_URL_FILE)
"""

import os
import secrets
import sys
from pathlib import Path

READABLE_BY_ALL = 0o444  # PostgreSQL, RabbitMQ and the services run under different users


def contents(*, database_password: str, broker_password: str) -> dict[str, str]:
    """Return what each file holds, by its name."""
    return {
        "postgres_password": database_password,
        "rabbitmq.conf": f"default_user = dosewire\ndefault_pass = {broker_password}\n",
        "database_url": f"postgresql+psycopg2://dosewire:{database_password}@postgres:5432/dosewire",
        "amqp_url": f"amqp://dosewire:{broker_password}@rabbitmq:5672/%2F",
    }


def make(folder: Path) -> bool:
    """Write the files where they are not there yet; returns whether it did.

    They are written to a folder beside and renamed, so a start that is cut short leaves none or all of them.
    """
    final = folder / "v1"
    if final.exists():
        return False
    unfinished = folder / f".unfinished-{secrets.token_hex(8)}"
    unfinished.mkdir()
    # Hexadecimal: the same in a URL, a configuration file and an SQL literal. 32 bytes each.
    files = contents(database_password=secrets.token_hex(32), broker_password=secrets.token_hex(32))
    for name, text in files.items():
        path = unfinished / name
        path.write_text(text, encoding="utf-8")
        path.chmod(READABLE_BY_ALL)
    unfinished.rename(final)
    os.sync()  # PostgreSQL keeps the password for good from now on, and so must we
    return True


if __name__ == "__main__":
    made = make(Path(sys.argv[1]))
    sys.stdout.write("credentials: made\n" if made else "credentials: kept\n")
