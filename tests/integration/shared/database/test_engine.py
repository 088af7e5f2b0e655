"""The settings that an engine asks of its connections, as libpq says them."""

import pytest

from shared.database.engine import make_engine

pytestmark = pytest.mark.integration


def test_a_server_that_vanishes_is_noticed(database_url: str) -> None:
    engine = make_engine(database_url=database_url, name="dosewire-test")
    with engine.connect() as connection:
        parameters = connection.connection.dbapi_connection.get_dsn_parameters()  # type: ignore[union-attr]
    engine.dispose()
    seconds = int(parameters["keepalives_idle"]) + int(parameters["keepalives_interval"]) * int(
        parameters["keepalives_count"]
    )
    assert seconds <= 60
    assert int(parameters["tcp_user_timeout"]) <= 60_000
    assert parameters["application_name"] == "dosewire-test"
