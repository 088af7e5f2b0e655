"""The keys of one container of a dose document as the columns of a table, there and back.

A value in a column can be read back unchanged. A value that could not (a text instead of a number, a number too large,
an invalid date) is left over, and the caller keeps it as JSON. So nothing is lost or changed.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Float, Integer, RowMapping, String, Table, Time
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from shared.database.types import storable_text
from shared.dose_document.values import Value, Values

Row = dict[str, object]
"""The values of columns, as SQLAlchemy takes them."""

_MAX_INTEGER: Final = 2**31 - 1


class Unfit(ValueError):
    """A value that its column cannot hold unchanged."""


class Container:
    """The keys of a container that have a column: all of `table` but its keys and the `own` ones, or just `keys`."""

    def __init__(self, table: Table, *, own: Iterable[str] = (), keys: Iterable[str] | None = None) -> None:
        left_out = {"further", *own}
        self._columns: dict[str, Column[object]] = {
            column.name: column
            for column in table.columns
            if (
                column.name in keys
                if keys is not None
                else not column.primary_key and not column.foreign_keys and column.name not in left_out
            )
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in the order of the columns."""
        return tuple(self._columns)

    def to_row(self, values: Mapping[str, Value]) -> tuple[Row, Values]:
        """Return the row, with a value for each column, and the fields that are left over."""
        row: Row = dict.fromkeys(self._columns)
        left_over: Values = {}
        for key, value in values.items():
            if value is None:
                continue
            column = self._columns.get(key)
            if column is None:
                left_over[key] = value
                continue
            try:
                row[key] = _to_column(column.type, value)
            except Unfit:
                left_over[key] = value
        return row, left_over

    def to_values(self, row: Mapping[str, object] | RowMapping) -> Values:
        """Return the keys that have a value in a row, as JSON values."""
        return {key: _to_json(row[key]) for key in self._columns if row[key] is not None}


def storable(value: Value) -> Value:
    """Return a JSON value without what PostgreSQL refuses in a text: NUL and lone surrogates."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return storable_values(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def storable_values(values: Values) -> Values:
    """Return the fields of a container without what PostgreSQL refuses."""
    return {storable_text(key): storable(value) for key, value in values.items()}


def _to_column(kind: TypeEngine[object], value: Value) -> object:
    if isinstance(kind, ARRAY):
        if not isinstance(value, list):
            raise Unfit
        return [_to_column(kind.item_type, one) for one in value]
    for sort, rule in _RULES:
        if isinstance(kind, sort):
            return rule(value)
    raise TypeError(f"no rule for columns of type {kind!r}")


def _exactly(sort: type) -> Callable[[Value], Value]:
    def rule(value: Value) -> Value:
        if type(value) is not sort:
            raise Unfit
        return value

    return rule


def _integer(value: Value) -> int:
    if type(value) is not int or abs(value) > _MAX_INTEGER:
        raise Unfit
    return value


def _number(value: Value) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unfit
    try:
        number = float(value)
    except OverflowError:
        raise Unfit from None
    if number != value or not math.isfinite(number):
        raise Unfit
    return number


def _moment(sort: type[date | time]) -> Callable[[Value], date | time]:
    def rule(value: Value) -> date | time:
        if not isinstance(value, str):
            raise Unfit
        try:
            moment = sort.fromisoformat(value)
        except ValueError:
            raise Unfit from None
        if moment.isoformat() != value or getattr(moment, "tzinfo", None) is not None:
            raise Unfit
        return moment

    return rule


_RULES: Final[tuple[tuple[type, Callable[[Value], object]], ...]] = (
    (JSONB, lambda value: value),
    (String, _exactly(str)),
    (Float, _number),
    (Integer, _integer),
    (Boolean, _exactly(bool)),
    (DateTime, _moment(datetime)),
    (Date, _moment(date)),
    (Time, _moment(time)),
)


def _to_json(value: object) -> Value:
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    raise TypeError(f"no JSON for values of type {type(value).__name__}")
