from datetime import date, time

import pytest
from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from services.qr.remote.find import FoundStudy, StudyQuery, identifier, read_study

UID = "1.2.826.0.1.3680043.8.498.7"


def test_a_range_of_days_is_a_range_match() -> None:
    query = StudyQuery(date_from=date(2026, 3, 1), date_until=date(2026, 3, 31), study_instance_uid=None)
    keys = identifier(window=query.window)
    assert keys.QueryRetrieveLevel == "STUDY"
    assert keys.StudyDate == "20260301-20260331"
    assert keys.StudyInstanceUID == ""
    assert str(query) == "studies from 2026-03-01 to 2026-03-31"


@pytest.mark.parametrize(
    ("start", "end", "study_time"),
    [
        (None, None, ""),
        (time(8), time(9, 30), "080000-093000"),
        (None, time(12), "000000-120000"),
        (time(12), None, "120000-"),
    ],
)
def test_a_part_of_a_day_is_a_range_match_on_the_time(start: time | None, end: time | None, study_time: str) -> None:
    day = date(2026, 3, 1)
    query = StudyQuery(date_from=day, date_until=day, study_instance_uid=None, time_from=start, time_until=end)
    keys = identifier(window=query.window)
    assert (keys.StudyDate, keys.StudyTime) == ("20260301", study_time)


def test_a_modality_is_matched_in_the_study_and_where_needed_by_its_own_key() -> None:
    keys = identifier(modality="CT")
    assert keys.ModalitiesInStudy == "CT"
    assert "Modality" not in keys
    assert identifier(modality="CT", modality_key=True).Modality == "CT"


def test_one_study_is_matched_by_its_uid_alone() -> None:
    query = StudyQuery(date_from=None, date_until=None, study_instance_uid=UID)
    assert query.window is None
    keys = identifier(study_instance_uid=UID)
    assert keys.StudyDate == ""
    assert keys.StudyInstanceUID == UID
    assert str(query) == f"study {UID}"


def test_no_key_asks_for_patient_data() -> None:
    keys = identifier(study_instance_uid=UID)
    assert not [element for element in keys if element.tag.group == 0x0010]


def answer(**values: object) -> Dataset:
    data_set = Dataset()
    data_set.StudyInstanceUID = UID
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return data_set


def test_an_answer_is_read() -> None:
    study = read_study(
        answer(StudyDate="20260310", ModalitiesInStudy=["CT", "SR"], NumberOfStudyRelatedInstances="301")
    )
    assert study == FoundStudy(
        study_instance_uid=UID, study_date="20260310", modalities_in_study="CT\\SR", instances_in_study=301
    )


def test_what_is_not_returned_is_none() -> None:
    assert read_study(answer(ModalitiesInStudy=None, StudyDate="")) == FoundStudy(
        study_instance_uid=UID, study_date=None, modalities_in_study=None, instances_in_study=None
    )


@pytest.mark.parametrize("uid", ["", "1.2.3/../../etc", "1." + "2" * 70, "nonsense"])
def test_an_answer_without_a_usable_uid_is_none(uid: str) -> None:
    data_set = Dataset()
    data_set.add(DataElement(0x0020000D, "LO", uid, validation_mode=IGNORE))
    assert read_study(data_set) is None
    assert read_study(Dataset()) is None


@pytest.mark.parametrize("count", ["many", "-1", "999999999999", "١٢"])
def test_a_count_that_is_none_costs_the_count_alone(count: str) -> None:
    data_set = answer()
    data_set.add_new(0x00201208, "LO", count)
    study = read_study(data_set)
    assert study is not None
    assert study.instances_in_study is None


def test_a_list_is_read_whether_it_has_one_value_or_more() -> None:
    study = read_study(answer(ModalitiesInStudy=MultiValue(str, ["CT"])))
    assert study is not None
    assert study.modalities_in_study == "CT"


def test_what_is_far_too_long_is_cut() -> None:
    study = read_study(answer(ModalitiesInStudy=["CT"] * 10_000))
    assert study is not None
    assert study.modalities_in_study is not None
    assert len(study.modalities_in_study) == 256
