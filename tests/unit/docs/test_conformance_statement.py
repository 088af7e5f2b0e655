"""The tables of docs/conformance-statement.md are what the code does."""

import pytest

from tools.conformance.document import DOCUMENT, TABLES, fill, names


def test_the_tables_are_generated_from_the_code() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == fill(written), "run python -m tools.conformance"


def test_every_table_has_its_place_once() -> None:
    assert sorted(names(DOCUMENT.read_text(encoding="utf-8"))) == sorted(TABLES)


def test_a_table_takes_the_place_of_what_was_there() -> None:
    page = "before\n<!-- generated: event-types -->\nOUTDATED\n<!-- end -->\nafter\n"
    filled = fill(page)
    assert "OUTDATED" not in filled
    assert TABLES["event-types"]() in filled
    assert fill(filled) == filled


def test_a_place_without_a_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("<!-- generated: no-such-table -->\n<!-- end -->")


@pytest.mark.parametrize("name", ["services", "storage-classes", "transfer-syntaxes"])
def test_what_is_listed_as_accepted_is_more_than_nothing(name: str) -> None:
    assert TABLES[name]().count("\n") >= 3
