"""The text of docs/conformance-statement.md with its tables generated again."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.conformance import commitment, querying, receiving

DOCUMENT = Path(__file__).parents[2] / "docs" / "conformance-statement.md"
TABLES: Mapping[str, Callable[[], str]] = receiving.TABLES | commitment.TABLES | querying.TABLES
_PLACE = re.compile(
    r"(?P<start><!-- generated: (?P<name>[a-z0-9-]+) -->\n)(?:(?!<!-- ).)*(?P<end><!-- end -->)", re.DOTALL
)


def names(page: str) -> list[str]:
    """Return the names of the tables that a page has places for."""
    return [place["name"] for place in _PLACE.finditer(page)]


def fill(page: str) -> str:
    """Return the page with each table in its place.

    Raises:
        KeyError: it names a table that there is not.
    """
    return _PLACE.sub(lambda place: f"{place['start']}\n{TABLES[place['name']]()}\n\n{place['end']}", page)
