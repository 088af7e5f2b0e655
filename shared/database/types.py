"""Column types that SQLAlchemy does not bring."""

from enum import StrEnum

from sqlalchemy import Enum


def text_enum(values: type[StrEnum], *, name: str | None = None) -> Enum:
    """Return a column of text that holds the values of `values` and nothing else.

    A check constraint, not a PostgreSQL enum type: a migration can widen it inside a transaction. `name` tells
    several such columns of one table apart.
    """
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        name=name or values.__name__.lower(),
    )


def storable_text(text: str) -> str:
    """Return a text without the characters that PostgreSQL refuses: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
