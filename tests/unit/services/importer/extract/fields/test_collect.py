"""Content items become fields: repeats, units, raw values, warnings, and nothing lost by one bad item."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from services.importer.extract.fields.collect import collect, mark_derived
from services.importer.extract.fields.content_tree import ContentItem, ContentTreeReader
from services.importer.extract.fields.problems import MAX_WARNINGS, Warnings
from services.importer.extract.fields.template import Field, Kind, Part, Repeat, Template
from services.importer.extract.tables.projection import EVENT
from shared.dicom.part10 import open_part10
from shared.dicom.text import DEFAULT_ENCODINGS
from shared.dose_document.values import Values
from tests.helpers.objects.content_items import coded, container, moment, num, part10_bytes, report, text

FILTER = Template("filter", "", (Field("material", "5", "Material", Kind.CODE),))
TEMPLATE = Template(
    "event",
    "",
    (
        Field("dap", "1", "Dose Area Product", Kind.NUMBER, "Gy.m2"),
        Field("kvp", "2", "KVP", Kind.NUMBER, "kV", repeat=Repeat.VALUES),
        Field("pulses", "3", "Number of Pulses", Kind.COUNT),
        Field("grid", "4", "X-Ray Grid", Kind.CODE, repeat=Repeat.LIST),
        Field("started_at", "6", "DateTime Started", Kind.DATETIME),
        Field("configured", "7", "Configured", Kind.FLAG),
        Field("region", "8", "Target Region", Kind.CODE),
        Field("laterality", "9", "Laterality"),
        Part("10", "Parameters"),
        Part("11", "Filters", "filters", FILTER),
    ),
)


def content(*items: Dataset) -> ContentItem:
    part10 = open_part10(part10_bytes(report(container("0", "Event", *items))))
    root = ContentTreeReader(DEFAULT_ENCODINGS).read(part10.source, part10.start, part10.end)
    return root.children[0]


def collected(*items: Dataset) -> tuple[dict[str, Any], list[str]]:
    warnings = Warnings()
    return collect(content(*items), TEMPLATE, warnings), warnings.all()


def test_a_value_in_the_unit_of_the_row() -> None:
    assert collected(num("1", "Dose Area Product", "1.6E-05", "Gy.m2")) == ({"dap": 1.6e-05}, [])


def test_a_converted_value_is_kept_raw_beside() -> None:
    values, warnings = collected(num("1", "Dose Area Product", "11.013", "dGy.cm2"))
    assert values == {"dap": 0.00011013, "raw": {"dap": {"value": 11.013, "unit": "dGy.cm2"}}}
    assert warnings == []


def test_an_unknown_unit_is_kept_raw_and_no_value_is_made_up() -> None:
    values, warnings = collected(num("1", "Dose Area Product", "3", "furlong"))
    assert values == {"raw": {"dap": {"value": 3, "unit": "furlong"}}}
    assert warnings == ["Dose Area Product [1]: unit 'furlong' is not known for Gy.m2; kept raw"]


def test_a_missing_unit_is_the_standards_and_is_flagged() -> None:
    values, warnings = collected(num("1", "Dose Area Product", "3", None))
    assert values == {"dap": 3}
    assert warnings == ["Dose Area Product [1]: has no unit; taken as Gy.m2"]


@pytest.mark.parametrize("written", ["10.50/ 15.00", "NaN", "1e999", "9" * 20])
def test_what_is_no_plausible_number_costs_that_item_only(written: str) -> None:
    item = num("1", "Dose Area Product", "1", "Gy.m2")
    del item.MeasuredValueSequence[0].NumericValue
    item.MeasuredValueSequence[0].add_new(0x0040A30A, "UT", written)  # pydicom writes no such DS
    values, warnings = collected(item, num("3", "Number of Pulses", "7", "1"))
    assert values == {"pulses": 7, "raw": {"dap": {"value": written, "unit": "Gy.m2"}}}
    assert len(warnings) == 1
    assert warnings[0].startswith("Dose Area Product [1]: ")


@pytest.mark.parametrize("number", ["2.5", "-1", "3000000000"])
def test_a_count_is_a_whole_number(number: str) -> None:
    values, warnings = collected(num("3", "Number of Pulses", number, "1"))
    assert "pulses" not in values
    assert "not a count" in warnings[0]


def test_repeated_items_and_several_values_in_one_are_a_list_with_its_mean() -> None:
    repeated = collected(num("2", "KVP", "0", "kV"), num("2", "KVP", "80", "kV"), num("2", "KVP", "60", "kV"))
    in_one = collected(num("2", "KVP", ["0", "80", "60"], "kV"))
    expected = {"kvp_values": [0, 80, 60], "kvp_mean": 70, "derived": ["kvp_mean"]}
    assert repeated == in_one == (expected, [])


def test_a_single_value_that_may_repeat_is_just_the_value() -> None:
    assert collected(num("2", "KVP", "80", "kV")) == ({"kvp": 80}, [])


def test_the_first_of_different_values_is_taken_and_all_are_kept() -> None:
    values, warnings = collected(
        num("1", "Dose Area Product", "1", "Gy.m2"), num("1", "Dose Area Product", "2", "Gy.m2")
    )
    assert values["dap"] == 1
    assert values["raw"]["dap"] == {"value": [1, 2], "unit": "Gy.m2"}
    assert "2 different values" in warnings[0]


def test_equal_values_that_repeat_are_nothing_to_speak_of() -> None:
    again = coded("8", "Target Region", "T-D4000", "Abdomen")
    assert collected(again, again) == ({"region": "Abdomen", "region_code": "T-D4000"}, [])


def test_codes_keep_their_value_and_texts_stand_in_for_codes() -> None:
    assert collected(text("8", "Target Region", "Abdomen")) == ({"region": "Abdomen"}, [])
    values, _ = collected(coded("4", "X-Ray Grid", "111642", "Focused grid"), coded("4", "X-Ray Grid", "1", "In"))
    assert values == {"grid": ["Focused grid", "In"], "grid_code": ["111642", "1"]}


def test_modifiers_count_below_their_item_and_beside_it() -> None:
    side = coded("9", "Laterality", "G-A101", "Left")
    below, _ = collected(coded("8", "Target Region", "T-D9200", "Knee", side))
    beside, _ = collected(coded("8", "Target Region", "T-D9200", "Knee"), side)
    assert below == beside == {"region": "Knee", "region_code": "T-D9200", "laterality": "Left"}


def test_containers_are_flattened_or_collected_each_and_unknown_ones_left_alone() -> None:
    values, warnings = collected(
        container("10", "Parameters", num("3", "Number of Pulses", "7", "1")),
        container("11", "Filters", coded("5", "Material", "C-127F9", "Copper")),
        container("11", "Filters"),
        container("99", "Private", num("1", "Dose Area Product", "1", "Gy.m2"), scheme="99ACME"),
    )
    filters: list[dict[str, str]] = [{"material": "Copper", "material_code": "C-127F9"}, {}]
    assert values == {"pulses": 7, "filters": filters}
    assert warnings == []


def test_empty_items_are_absent() -> None:
    without_code = coded("8", "Target Region", "1", "x")
    without_code.ConceptCodeSequence = None
    without_concept = text("1", "Dose Area Product", "5")
    del without_concept.ConceptNameCodeSequence
    items = (
        num("1", "Dose Area Product", None, None),
        without_code,
        without_concept,
        text("9", "Laterality", ""),
        moment("6", "DateTime Started", ""),
        container("11", "Filters"),
    )
    assert collected(*items) == ({"filters": [{}]}, [])


def test_dates_and_flags_that_are_none_say_where_they_stand() -> None:
    odd_date = text("6", "DateTime Started", "yesterday")
    values, warnings = collected(
        container("10", "Parameters", num("3", "Number of Pulses", "7", "1"), odd_date),
        coded("7", "Configured", "M", "Maybe"),
    )
    assert values == {"pulses": 7}
    assert warnings == [
        "Parameters [1] > DateTime Started [2]: not a date and time: 'yesterday'",
        "Configured [2]: neither Yes nor No",
    ]


def test_warnings_have_an_end() -> None:
    warnings = Warnings()
    for _ in range(MAX_WARNINGS + 7):
        warnings.add(None, "again")
    assert len(warnings.all()) == MAX_WARNINGS + 1
    assert warnings.all()[-1] == "and 7 more"


def test_derived_values_never_replace_stated_ones() -> None:
    values = Values(a=1, b=None)
    mark_derived(values, a=2, b=3, c=None)
    assert values == {"a": 1, "b": 3, "derived": ["b"]}


def test_every_key_that_is_emitted_is_named_by_the_template() -> None:
    event = container(
        "113706",
        "Irradiation Event X-Ray Data",
        num("113733", "KVP", ["70", "80"], "kV"),
        coded("123014", "Target Region", "T-D4000", "Abdomen"),
        num("122130", "Dose Area Product", "1", "dGy.cm2"),
    )
    values = collect(content(*event.ContentSequence), EVENT, Warnings())
    assert set(values) - {"raw", "derived"} <= set(EVENT.field_names())
