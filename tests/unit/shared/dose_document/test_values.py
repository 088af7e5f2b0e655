"""Values of a known type out of a container."""

import pytest

from shared.dose_document.values import (
    Value,
    containers_of,
    list_of,
    number_of,
    text_of,
    values_of_text,
    without_none,
)


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("120", "120", None),
        (120, None, 120),
        (0.5, None, 0.5),
        (True, None, None),
        (None, None, None),
        ([1.0], None, None),
        ({"value": 1.0}, None, None),
    ],
)
def test_texts_and_numbers(value: Value, text: str | None, number: float | None) -> None:
    assert text_of({"a": value}, "a") == text
    assert number_of({"a": value}, "a") == number
    assert text_of({}, "a") is None
    assert number_of({}, "a") is None


def test_lists_and_the_containers_in_them() -> None:
    source: dict[str, Value] = {"id": "A"}
    values: dict[str, Value] = {"sources": [source, 5], "text": "A"}
    assert list_of(values, "sources") == [source, 5]
    assert containers_of(values, "sources")[0] is source
    assert len(containers_of(values, "sources")) == 1
    assert list_of(values, "text") == []
    assert containers_of(values, "filters") == []


def test_fields_without_a_value_and_texts_of_several() -> None:
    assert without_none({"a": 0, "b": None, "c": ""}) == {"a": 0, "c": ""}
    assert values_of_text("A | B") == ["A", "B"]
