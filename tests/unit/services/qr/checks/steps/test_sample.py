import threading
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from pydicom.dataset import Dataset

from services.qr.checks.steps.plan import CheckPlan
from services.qr.checks.steps.sample import find_sample
from services.qr.remote.archive import Limits
from shared.database.models.node_check import CheckVerdict

PLAN = CheckPlan(
    limits=Limits(connect=1, acse=1, idle=1, total=1),
    study_instance_uid="1.2",
    today=date(2026, 3, 10),
    stop=threading.Event(),
)


class OneStudy:
    """A node with one study, whose series each have one instance: the number of the series with `.1` behind it."""

    def __init__(self, series: Sequence[tuple[str | None, str | None]]) -> None:
        self._series = series

    def find(self, keys: Dataset) -> Iterator[Dataset | None]:
        answer = Dataset()
        match keys.QueryRetrieveLevel:
            case "STUDY":
                answer.StudyInstanceUID = "1.2"
                yield answer
            case "SERIES":
                yield from (_series(uid, modality) for uid, modality in self._series)
            case _:
                answer.SOPInstanceUID = f"{keys.SeriesInstanceUID}.1"
                yield answer


def _series(uid: str | None, modality: str | None) -> Dataset:
    answer = Dataset()
    if uid is not None:
        answer.SeriesInstanceUID = uid
    if modality is not None:
        answer.Modality = modality
    return answer


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([("1.2", "CT"), ("1.3", "SR"), ("1.4", None)], "1.3"),
        ([("1.2", None), ("1.3", "CT")], "1.2"),
    ],
)
def test_an_object_is_taken_of_a_series_of_reports_where_there_is_one(
    series: Sequence[tuple[str | None, str | None]], expected: str
) -> None:
    verdict, _, sample = find_sample(OneStudy(series), PLAN, by="C-FIND")
    assert verdict is CheckVerdict.PASSED
    assert sample is not None
    assert (sample.series_instance_uid, sample.sop_instance_uid) == (expected, f"{expected}.1")


def test_a_study_of_which_no_series_is_named_has_nothing_to_take() -> None:
    verdict, detail, sample = find_sample(OneStudy([(None, "CT")]), PLAN, by="C-FIND")
    assert (verdict, sample) == (CheckVerdict.FAILED, None)
    assert "names no series" in detail
