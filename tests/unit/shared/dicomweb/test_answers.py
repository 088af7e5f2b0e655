import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.qr.remote.find import read_number, read_study, read_text
from shared.dicomweb.answers import read_answers


def one(**attributes: object) -> bytes:
    return json.dumps([{name.removeprefix("t"): value for name, value in attributes.items()}]).encode()


def test_a_study_as_the_standard_writes_it() -> None:
    [answer] = read_answers(
        one(
            t00080020={"vr": "DA", "Value": ["20260310"]},
            t00080030={"vr": "TM", "Value": ["083000"]},
            t00080061={"vr": "CS", "Value": ["CT", "SR"]},
            t00081030={"vr": "LO", "Value": ["Köpf"]},
            t00081010={"vr": "SH"},
            t0020000D={"vr": "UI", "Value": ["1.2.3"]},
            t00201208={"vr": "IS", "Value": [12]},
            t00081190={"vr": "UR", "Value": ["https://pacs/studies/1.2.3"]},
        )
    )

    assert answer is not None
    study = read_study(answer)
    assert study is not None
    assert (study.study_instance_uid, study.study_date, study.study_time) == ("1.2.3", "20260310", "083000")
    assert (study.modalities, study.instances_in_study) == (("CT", "SR"), 12)
    assert (study.study_description, study.station_name) == ("Köpf", None)


@pytest.mark.parametrize("count", [7, "7", 7.0, " 7 "])
def test_numbers_in_the_forms_in_which_services_write_them(count: object) -> None:
    [answer] = read_answers(one(t00201209={"vr": "IS", "Value": [count]}))
    assert answer is not None
    assert read_number(answer, "NumberOfSeriesRelatedInstances") == 7


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "text",
        {"vr": "IS"},
        {"vr": "IS", "Value": None},
        {"vr": "IS", "Value": "5"},
        {"vr": "IS", "Value": ["many"]},
        {"vr": "IS", "Value": [5.5]},
        {"vr": "IS", "Value": [{"x": 1}]},
        {"vr": "IS", "Value": [True]},
        {"vr": "IS", "Value": [None]},
        {"vr": "IS", "InlineBinary": "AAAA"},
        {"vr": "SQ", "Value": [{"0020000D": {"vr": "UI", "Value": ["1"]}}]},
    ],
)
def test_a_bad_element_costs_that_element(wrong: object) -> None:
    [answer] = read_answers(one(t00201208=wrong, t0020000D={"vr": "UI", "Value": ["1.2.3"]}))

    assert answer is not None
    assert read_text(answer, "StudyInstanceUID") == "1.2.3"
    assert read_number(answer, "NumberOfStudyRelatedInstances") is None


def test_keywords_in_place_of_tags_and_names_of_persons() -> None:
    [answer] = read_answers(
        one(StudyInstanceUID={"Value": ["1.2"]}, t00080090={"vr": "PN", "Value": [{"Alphabetic": "A^B"}]}, tnothing={})
    )
    assert answer is not None
    assert (read_text(answer, "StudyInstanceUID"), read_text(answer, "ReferringPhysicianName")) == ("1.2", "A^B")


def test_what_is_no_answer() -> None:
    assert read_answers(b"") == read_answers(b" ") == read_answers(b"[]") == []
    assert read_answers(b"[null, 5]") == [None, None]
    for body in (b"{}", b"<html>", b'"x"', b"[", b"\xff\xfe", b"[" * 100_000):
        with pytest.raises(ValueError, match="is no array in JSON"):
            read_answers(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["vr", "Value", "x"]), inner),
    max_leaves=8,
)
TAGS = st.sampled_from(["00080020", "00201208", "0020000D", "00100010", "00091001", "7FE00010", "Modality", "ffffffff"])


@given(st.lists(st.dictionaries(TAGS, JSON | st.fixed_dictionaries({"Value": st.lists(JSON, max_size=2)}))))
def test_nothing_in_an_answer_raises(answers: list[object]) -> None:
    read = read_answers(json.dumps(answers).encode())

    assert len(read) == len(answers)
    for answer in read:
        assert answer is not None
        read_study(answer)
