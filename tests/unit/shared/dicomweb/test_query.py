from datetime import date, time

import pytest
from pydicom.dataset import Dataset

from services.qr.remote.find import identifier
from services.qr.remote.windows import Window
from shared.dicomweb.query import resource, search

STUDY, SERIES, INSTANCE = "1.2.3", "1.2.3.4", "1.2.3.4.5"
ASKED_OF_A_STUDY = "00080020,00080030,00080050,00080061,00081010,00081030,00201206,00201208"


def content_keys(level: str, **values: str) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = level
    keys.StudyInstanceUID = STUDY
    for keyword, value in values.items():
        setattr(keys, keyword, value)
    return keys


@pytest.mark.parametrize(
    ("window", "matched"),
    [
        (Window(first=date(2026, 3, 10), last=date(2026, 3, 11)), [("StudyDate", "20260310-20260311")]),
        (Window(first=date(2026, 3, 10), last=date(2026, 3, 10)), [("StudyDate", "20260310")]),
        (
            Window(first=date(2026, 3, 10), last=date(2026, 3, 10), start=time(8), end=time(12, 30)),
            [("StudyDate", "20260310"), ("StudyTime", "080000-123000")],
        ),
        (
            Window(first=date(2026, 3, 10), last=date(2026, 3, 10), start=time(18)),
            [("StudyDate", "20260310"), ("StudyTime", "180000-")],
        ),
    ],
)
def test_ranges_match_as_in_a_c_find(window: Window, matched: list[tuple[str, str]]) -> None:
    wanted = search(identifier(window=window))

    assert wanted.path == "studies"
    assert wanted.parameters == [*matched, ("includefield", ASKED_OF_A_STUDY)]


def test_a_modality_is_matched_and_returned() -> None:
    window = Window(first=date(2026, 3, 10), last=date(2026, 3, 10))

    parameters = search(identifier(window=window, modality="CT", modality_key=True)).parameters

    assert parameters[:3] == [("StudyDate", "20260310"), ("Modality", "CT"), ("ModalitiesInStudy", "CT")]
    assert "00080061" in dict(parameters)["includefield"].split(",")


def test_one_study_by_its_uid() -> None:
    assert search(identifier(study_instance_uid=STUDY)).parameters == [
        ("StudyInstanceUID", STUDY),
        ("includefield", ASKED_OF_A_STUDY),
    ]


def test_the_levels_above_become_the_path() -> None:
    series = search(content_keys("SERIES", SeriesInstanceUID="", Modality=""))
    assert (series.path, series.parameters) == (f"studies/{STUDY}/series", [("includefield", "00080060")])

    instances = search(
        content_keys("IMAGE", SeriesInstanceUID=SERIES, SOPInstanceUID="", SOPClassUID="", InstanceNumber="1")
    )
    assert instances.path == f"studies/{STUDY}/series/{SERIES}/instances"
    assert instances.parameters == [("InstanceNumber", "1"), ("includefield", "00080016,00200013")]


def test_pages() -> None:
    wanted = search(identifier(study_instance_uid=STUDY)).without_fields()

    assert wanted.page(limit=100, offset=0) == [("StudyInstanceUID", STUDY), ("limit", "100")]
    assert wanted.page(limit=100, offset=200) == [("StudyInstanceUID", STUDY), ("limit", "100"), ("offset", "200")]


def test_what_is_retrieved() -> None:
    assert resource(content_keys("STUDY")) == f"studies/{STUDY}"
    assert resource(content_keys("SERIES", SeriesInstanceUID=SERIES)) == f"studies/{STUDY}/series/{SERIES}"
    keys = content_keys("IMAGE", SeriesInstanceUID=SERIES, SOPInstanceUID=INSTANCE)
    assert resource(keys) == f"studies/{STUDY}/series/{SERIES}/instances/{INSTANCE}"
