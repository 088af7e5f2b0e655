"""Column types of our own."""

from enum import StrEnum

from sqlalchemy import Enum


def text_enum(values: type[StrEnum]) -> Enum:
    """Return a column of text that holds the values of `values` and nothing else.

    A check constraint, not a PostgreSQL enum type: a migration can widen it inside a transaction.
    """
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        name=values.__name__.lower(),
    )
