"""The command that brings the database to the newest version: `python -m shared.database.migrate`.

Safe to run twice and at the same time from several places: an advisory lock lets one work while others wait.
"""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from shared.database.engine import check, make_engine, unavailable_when_away
from shared.errors import DosewireError, SettingsError, Unavailable
from shared.logging import configure, get_logger
from shared.settings import DatabaseUrl, EnvironmentSettings, load

LOCK = 0x646F7365  # "dose": any number, as long as all of us take the same one
WAIT_SECONDS = 60

log = get_logger(__name__)


class MigrateSettings(EnvironmentSettings):
    """The settings of a migration."""

    database_url: DatabaseUrl


def alembic_config(*, database_url: str) -> Config:
    """Return Alembic's configuration without a file: there is one place for migrations, and one for the URL."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def upgrade(*, database_url: str) -> None:
    """Run every migration that has not been run.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    engine = make_engine(database_url=database_url, name="dosewire-migrate")
    config = alembic_config(database_url=database_url)
    try:
        with unavailable_when_away(), engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _wait_for_database(*, database_url: str) -> None:
    engine = make_engine(database_url=database_url, name="dosewire-migrate")
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return check(engine)
        except Unavailable as error:
            if time.monotonic() > deadline:
                raise
            log.info("waiting for the database", error=str(error))
            time.sleep(1)
        finally:
            engine.dispose()


def main() -> None:
    """Run as a one-shot service before the others."""
    configure(service="migrate")
    try:
        url = load(MigrateSettings).database_url.get_secret_value()
        _wait_for_database(database_url=url)
        upgrade(database_url=url)
    except SettingsError as error:
        log.critical("wrong settings", problems=error.problems)
        raise SystemExit(2) from None
    except DosewireError as error:
        log.critical("not migrated", error=str(error))
        raise SystemExit(1) from None
    log.info("database is up to date")


if __name__ == "__main__":
    main()
