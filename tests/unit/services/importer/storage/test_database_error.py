"""Errors of PostgreSQL: those of an object, and those of the server."""

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from services.importer.storage.database_error import error_of_message
from shared.errors import Permanent, Retriable, Unavailable


class FromDriver(Exception):
    def __init__(self, pgcode: str | None) -> None:
        super().__init__("text that may quote a value")
        self.pgcode = pgcode


def database_error(kind: type[DBAPIError], sqlstate: str | None) -> DBAPIError:
    return kind("INSERT", {}, FromDriver(sqlstate))


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (database_error(DataError, "22003"), Permanent),
        (database_error(OperationalError, "54000"), Permanent),
        (database_error(IntegrityError, "23505"), Retriable),
    ],
)
def test_what_the_object_is_to_blame_for_is_its_own_error(error: DBAPIError, wanted: type[Exception]) -> None:
    answer = error_of_message(error)
    assert isinstance(answer, wanted)
    assert not isinstance(answer, Unavailable)
    assert "quote" not in str(answer)


@pytest.mark.parametrize("sqlstate", [None, "57P01", "40P01", "53100"])
def test_what_the_server_is_to_blame_for_is_passed_on(sqlstate: str | None) -> None:
    error = database_error(OperationalError, sqlstate)
    with pytest.raises(OperationalError) as caught:
        error_of_message(error)
    assert caught.value is error


def test_missing_tables_are_nobodys_fault_that_sends_objects() -> None:
    with pytest.raises(Unavailable, match="migration"):
        error_of_message(database_error(ProgrammingError, "42P01"))
