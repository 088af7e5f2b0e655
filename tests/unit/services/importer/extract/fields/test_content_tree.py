"""Our reader of content trees, held against pydicom's."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from services.importer.extract.fields import content_tree
from services.importer.extract.fields.content_tree import (
    MAX_DEPTH,
    ContentItem,
    ContentTreeReader,
    TreeTooLarge,
)
from shared.dicom.header import Code, read_attributes
from shared.dicom.part10 import open_part10
from shared.errors import UnreadableObject
from tests.helpers.importer.pydicom_tree import pydicom_tree
from tests.helpers.objects.content_items import (
    TRANSFER_SYNTAXES,
    code,
    coded,
    container,
    num,
    part10_bytes,
    report,
    text,
    uid,
)


def read(data: bytes) -> tuple[ContentItem, list[str]]:
    part10 = open_part10(data)
    reader = ContentTreeReader(read_attributes(part10).encodings)
    return reader.read(part10.source, part10.start, part10.end), reader.problems


_words = st.text(
    st.characters(codec="latin-1", exclude_categories=("Cc", "Zs", "Zl", "Zp"), exclude_characters="\\"),
    min_size=1,
    max_size=12,
)
_ascii = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"), min_size=1, max_size=8)
_decimals = st.decimals(-99999, 99999, places=3).map(str)
_leaves = st.one_of(
    st.builds(num, _ascii, _words, st.one_of(_decimals, st.lists(_decimals, min_size=2, max_size=5)), _ascii),
    st.builds(num, _ascii, _words, st.none(), st.none()),
    st.builds(coded, _ascii, _words, _ascii, _words),
    st.builds(text, _ascii, _words, _words),
    st.builds(uid, _ascii, _words, st.just("1.2.840.10008.1")),
)


def without(item: Dataset, keyword: str) -> Dataset:
    """Return an item that lacks an attribute, as real ones do."""
    if keyword in item:
        del item[keyword]
    return item


def emptied(item: Dataset, keyword: str) -> Dataset:
    """Return an item with an empty value or an empty sequence."""
    if keyword in item:
        item[keyword].value = [] if item[keyword].VR == "SQ" else ""
    return item


_keywords = st.sampled_from(
    (
        *("ConceptNameCodeSequence", "ConceptCodeSequence", "MeasuredValueSequence", "TextValue", "UID"),
        *("RelationshipType", "ValueType"),
    )
)
_broken = st.one_of(st.builds(without, _leaves, _keywords), st.builds(emptied, _leaves, _keywords))
_trees = st.recursive(
    st.one_of(_leaves, _broken),
    lambda inner: st.builds(
        lambda value, meaning, children: container(value, meaning, *children),
        _ascii,
        _words,
        st.lists(inner, max_size=5),
    ),
    max_leaves=25,
)


@given(
    st.lists(_trees, max_size=5),
    st.sampled_from(TRANSFER_SYNTAXES),
    st.booleans(),
    st.sampled_from(("ISO_IR 100", "ISO_IR 192", None)),
)
@settings(max_examples=100, deadline=None)
def test_generated_trees_are_read_as_pydicom_reads_them(
    items: list[Dataset], transfer_syntax: str, undefined_lengths: bool, character_set: str | None
) -> None:
    dataset = report(*items)
    if character_set:
        dataset.SpecificCharacterSet = character_set
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom on values longer than their VR allows
        data = part10_bytes(dataset, transfer_syntax, undefined_lengths=undefined_lengths)
        expected = pydicom_tree(data)
    assert read(data) == (expected, [])


def test_multi_byte_character_sets_are_read_as_pydicom_reads_them() -> None:
    dataset = report(text("125203", "Acquisition Protocol", "胸部 やまだ"))
    dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    data = part10_bytes(dataset)
    root, _ = read(data)
    assert root.children[0].text == "胸部 やまだ"
    assert root == pydicom_tree(data)


def test_a_character_set_inside_an_item_counts_for_that_item_only() -> None:
    latin = text("121106", "Comment", "Größe")
    dataset = report(text("121106", "Comment", "Größe"), latin, text("121106", "Comment", "Größe"))
    dataset.SpecificCharacterSet = "ISO_IR 192"
    latin.SpecificCharacterSet = "ISO_IR 100"
    root, _ = read(part10_bytes(dataset))
    assert [child.text for child in root.children] == ["Größe"] * 3


def test_a_character_set_inside_a_code_or_a_measured_value_counts_for_that_one_only() -> None:
    items = [num("113733", "Größe", "1", "Größe") for _ in range(3)]
    items[1].ConceptNameCodeSequence[0].SpecificCharacterSet = "ISO_IR 100"
    items[1].MeasuredValueSequence[0].SpecificCharacterSet = "ISO_IR 100"
    dataset = report(*items)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    data = part10_bytes(dataset)
    root, _ = read(data)
    assert [(child.concept or Code("", "", "")).meaning for child in root.children] == ["Größe"] * 3
    assert root == pydicom_tree(data)


def test_of_sequences_that_may_have_one_item_the_first_is_read() -> None:
    item = num("113733", "KVP", "70", "kV")
    for keyword in ("ConceptNameCodeSequence", "MeasuredValueSequence"):
        item[keyword].value.append(num("113734", "Tube Current", "5", "mA")[keyword].value[0])
    item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence.append(code("mA", "mA", "UCUM"))
    data = part10_bytes(report(item))
    root, _ = read(data)
    assert root.children[0].concept == Code("113733", "DCM", "KVP")
    assert (root.children[0].numbers, root.children[0].units) == (("70",), Code("kV", "UCUM", "kV"))
    assert root == pydicom_tree(data)


def test_padding_and_nul_bytes_are_not_part_of_values() -> None:
    data = part10_bytes(
        report(text("125203", "Acquisition Protocol", "AB"), num("113830", "Mean CTDIvol", "1.5", "mGy"))
    )
    data = data.replace(b"\x02\0\0\0AB", b"\x02\0\0\0B\0").replace(b"1.5 ", b"1.5\0")
    root, _ = read(data)
    assert (root.children[0].text, root.children[1].numbers) == ("B", ("1.5",))


def test_references_and_qualifiers_are_read() -> None:
    image = container("113795", "Acquired Image")
    image.ValueType = "IMAGE"
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2.3.4"
    image.ReferencedSOPSequence = Sequence([reference])
    missing = num("113738", "Dose (RP)", None, None)
    missing.NumericValueQualifierCodeSequence = Sequence([code("114010", "Value unknown")])
    root, _ = read(part10_bytes(report(image, missing)))
    assert root.children[0].text == "1.2.3.4"
    assert root.children[1].numbers == ()
    assert root.children[1].qualifier == Code("114010", "DCM", "Value unknown")


def test_an_item_with_a_wrong_length_inside_costs_that_item_only() -> None:
    data = part10_bytes(report(text("1", "first", "AAAA"), text("2", "broken", "BBBB"), text("3", "last", "CCCC")))
    broken = data.replace(b"UT\0\0\x04\0\0\0BBBB", b"UT\0\0\xff\0\0\0BBBB")
    assert broken != data
    root, problems = read(broken)
    assert [child.text for child in root.children] == ["AAAA", "CCCC"]
    assert len(problems) == 1
    assert "(0040,A160)" in problems[0]


@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_a_truncated_report_is_unreadable_wherever_it_is_cut(undefined_lengths: bool) -> None:
    data = part10_bytes(
        report(container("113811", "CT Accumulated Dose Data", num("113813", "CT DLP Total", "12.5", "mGy.cm"))),
        undefined_lengths=undefined_lengths,
    )
    content_sequence = data.index(b"\x40\0\x30\xa7")
    for size in range(content_sequence + 1, len(data)):
        with pytest.raises(UnreadableObject):
            read(data[:size])


@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_a_tree_deeper_than_any_real_one_is_refused(undefined_lengths: bool) -> None:
    inner = text("121106", "Comment", "deep")
    for _ in range(MAX_DEPTH + 1):
        inner = container("113811", "CT Accumulated Dose Data", inner)
    with pytest.raises(TreeTooLarge, match="nested deeper"):
        read(part10_bytes(report(inner), undefined_lengths=undefined_lengths))


def test_two_hundred_levels_of_unknown_sequences_are_refused() -> None:
    start, end = (
        b"\x09\0\x01\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff",
        b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0",
    )
    header = part10_bytes(report(), TRANSFER_SYNTAXES[0])
    with pytest.raises(UnreadableObject, match="nested deeper"):
        read(header + start * 200 + end * 200)


def test_hostile_reports_cost_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_tree, "MAX_ITEMS", 10)
    monkeypatch.setattr(content_tree, "MAX_TEXT_LENGTH", 4)
    root, _ = read(part10_bytes(report(text("121106", "Comment", "endless"))))
    assert root.children[0].text == "endl"
    with pytest.raises(TreeTooLarge, match="more than 10"):
        read(part10_bytes(report(*[text("121106", "Comment", "x")] * 10)))
    with pytest.raises(TreeTooLarge, match="more than 10"):
        read(part10_bytes(report(num("113733", "KVP", ["1"] * 10, "kV"))))


def test_a_text_of_undefined_length_is_no_text() -> None:
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    broken = text("121106", "Comment", "0" * len(end))
    data = part10_bytes(report(broken, text("121106", "Comment", "after")), undefined_lengths=True)
    data = data.replace(b"UT\0\0\x08\0\0\0" + b"0" * 8, b"UT\0\0\xff\xff\xff\xff" + end)
    root, problems = read(data)
    assert [child.text for child in root.children] == [None, "after"]
    assert problems == []
