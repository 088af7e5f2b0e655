"""The translation of PostgreSQL's errors into ours: errors that an object causes, and errors of the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, ProgrammingError

from shared.database.engine import unavailable_when_away
from shared.errors import Permanent, Retriable, Unavailable

_REFUSES_VALUES = ("22", "54")
"""SQLSTATE classes: data exception, program limit exceeded."""
_INTEGRITY = "23"


def error_of_message(error: DBAPIError) -> Exception:
    """Return the error of ours for one that came up while an object was written.

    Raises:
        DBAPIError: it is not about the object (the server is away, a deadlock, the disk is full).
        Unavailable: the tables are not those that this version needs.
    """
    sqlstate = str(getattr(error.orig, "pgcode", None) or "")
    if sqlstate.startswith(_REFUSES_VALUES):
        return Permanent(f"PostgreSQL cannot hold a value of the object (SQLSTATE {sqlstate})")
    if sqlstate.startswith(_INTEGRITY):
        return Retriable(f"another importer was faster (SQLSTATE {sqlstate})")
    if isinstance(error, ProgrammingError):
        raise _other_version(error) from error
    raise error


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn a server that is away, and tables that are not those of this version, into `Unavailable`."""
    try:
        with unavailable_when_away():
            yield
    except ProgrammingError as error:
        raise _other_version(error) from error


def _other_version(error: ProgrammingError) -> Unavailable:
    sqlstate = getattr(error.orig, "pgcode", None)
    return Unavailable(f"the database is not of this version (SQLSTATE {sqlstate}); run the migration")
