"""The environment in which Alembic runs a migration, on the connection that `shared.database.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection

from shared.database.engine import make_engine
from shared.database.models import Base


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_connection = context.config.attributes.get("connection")
if _connection is not None:
    _run(_connection)
else:
    _url = context.config.get_main_option("sqlalchemy.url")
    if _url is None:
        raise SystemExit("give the database: alembic -x ..., or run python -m shared.database.migrate")
    with make_engine(database_url=_url, name="dosewire-migrate").begin() as _connection:
        _run(_connection)
