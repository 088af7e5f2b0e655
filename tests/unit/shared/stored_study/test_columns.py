"""Values go into columns and come out of them unchanged; everything else is left over."""

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Float, Integer, MetaData, String, Table, Time
from sqlalchemy.dialects.postgresql import JSONB

from shared.dose_document.values import Value
from shared.stored_study.columns import Container, storable

TABLE = Table(
    "example",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String),
    Column("number", Float),
    Column("count", Integer),
    Column("flag", Boolean),
    Column("started_at", DateTime),
    Column("day", Date),
    Column("clock", Time),
    Column("numbers", ARRAY(Float)),
    Column("texts", ARRAY(String)),
    Column("raw", JSONB),
    Column("own", String),
    Column("further", JSONB),
)
EXAMPLE = Container(TABLE, own=("own",))
FITTING: dict[str, Value] = {
    "text": "Müller",
    "number": 5.28,
    "count": 22,
    "flag": False,
    "started_at": "2026-03-14T09:15:30.250000",
    "day": "2026-03-14",
    "clock": "09:15:30",
    "numbers": [0.0, 85.0],
    "texts": ["FIXED", "FOCUSED"],
    "raw": {"number": {"value": 528, "unit": "dGy.cm2"}},
}


def test_keys_and_columns_of_the_tables_own_are_no_fields() -> None:
    assert set(EXAMPLE.keys) == set(FITTING)
    assert Container(TABLE, keys=("text", "own")).keys == ("text", "own")


def test_what_fits_has_its_column_and_comes_back() -> None:
    row, left_over = EXAMPLE.to_row(FITTING)
    assert left_over == {}
    assert row["started_at"] == datetime(2026, 3, 14, 9, 15, 30, 250000)  # noqa: DTZ001 (local time of a device)
    assert (row["day"], row["clock"]) == (date(2026, 3, 14), time(9, 15, 30))
    assert EXAMPLE.to_values(row) == FITTING


def test_a_row_has_all_columns_and_null_is_no_value() -> None:
    row, left_over = EXAMPLE.to_row({"text": None})
    assert set(row) == set(FITTING)
    assert set(row.values()) == {None}
    assert left_over == {}
    assert EXAMPLE.to_values(row) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", 5),
        ("number", "5"),
        ("number", True),
        ("number", 10**400),
        ("number", 2**53 + 1),
        ("count", 2.5),
        ("count", 2**31),
        ("flag", 1),
        ("started_at", "2026-03-14"),
        ("started_at", "2026-03-14T09:15:30+01:00"),
        ("day", "20260314"),
        ("clock", "9 o'clock"),
        ("numbers", [1.0, None]),
        ("numbers", 1.0),
        ("texts", "FIXED"),
        ("unknown", 1),
    ],
)
def test_what_does_not_fit_is_left_over(key: str, value: Any) -> None:
    row, left_over = EXAMPLE.to_row({key: value})
    assert left_over == {key: value}
    assert row.get(key) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FITTING, "unknown"]), JSON))
def test_nothing_is_lost_whatever_it_is(values: dict[str, Any]) -> None:
    row, left_over = EXAMPLE.to_row(values)
    assert EXAMPLE.to_values(row) | left_over == {key: value for key, value in values.items() if value is not None}


def test_what_postgresql_refuses_is_taken_out_of_texts() -> None:
    assert storable({"a\0": ["x\0y", "\ud800", 1.5, {"b": float("nan")}]}) == {"a": ["xy", "?", 1.5, {"b": None}]}
