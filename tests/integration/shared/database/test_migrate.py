import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from shared.database.engine import make_engine
from shared.database.migrate import alembic_config, upgrade
from shared.database.models import Base
from shared.errors import Unavailable

pytestmark = pytest.mark.integration


def test_models_and_migrations_agree(database_url: str) -> None:
    engine = make_engine(database_url=database_url, name="test")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    upgrade(database_url=database_url)
    engine = make_engine(database_url=database_url, name="test")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_from_nothing_by_several_at_once(database_url: str) -> None:
    engine = make_engine(database_url=database_url, name="test")
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    barrier = threading.Barrier(4)

    def migrate() -> None:
        barrier.wait()
        upgrade(database_url=database_url)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(migrate) for _ in range(4)]:
            future.result()
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_migration_can_be_taken_back(database_url: str) -> None:
    engine = make_engine(database_url=database_url, name="test")
    command.downgrade(alembic_config(database_url=database_url), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_database_that_is_away_is_named_as_such(free_port: int) -> None:
    with pytest.raises(Unavailable, match="PostgreSQL is away: "):
        upgrade(database_url=f"postgresql+psycopg2://nobody@127.0.0.1:{free_port}/none")
