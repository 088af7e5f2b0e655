import pytest

from tests.helpers.store_scp.service import StoreScpTables


@pytest.fixture
def tables(database_url: str) -> StoreScpTables:
    """The service's tables in the test's database."""
    return StoreScpTables(database_url=database_url)
