"""The values of a dose document: plain JSON, and ways to take a value of a known type out of it.

The fields of a container are defined by tables (`services/importer/extract/tables/`), so values are looked up by name.
Each of the functions returns None, or nothing, where a field is missing or holds something else.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"
"""A JSON value."""
Values: TypeAlias = dict[str, Value]
"""The fields of one container."""

JOINED = " | "
"""Stands between several values of one element that are joined to one text."""


def text_of(values: Mapping[str, Value], name: str) -> str | None:
    """Return a text."""
    value = values.get(name)
    return value if isinstance(value, str) else None


def number_of(values: Mapping[str, Value], name: str) -> float | None:
    """Return a number, in the unit that its name says."""
    value = values.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def list_of(values: Mapping[str, Value], name: str) -> list[Value]:
    """Return a list."""
    value = values.get(name)
    return value if isinstance(value, list) else []


def containers_of(values: Mapping[str, Value], name: str) -> list[Values]:
    """Return the containers that stand in a list."""
    return [value for value in list_of(values, name) if isinstance(value, dict)]


def without_none(values: Mapping[str, Value]) -> Values:
    """Return the fields that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def values_of_text(text: str) -> list[str]:
    """Return the single values of a text that may hold several."""
    return text.split(JOINED)
