"""The identifiers of a test, and what of its answers is worth trying a C-MOVE with."""

from collections.abc import Sequence
from datetime import date, timedelta

from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset

from shared.dicom.uid import is_valid_uid

SOME_DAYS = (2, 30)
"""How many days back a study is looked for: first these days, and where they have none, those."""


def study_keys(*, today: date, days: int, study_instance_uid: str | None) -> Dataset:
    """Return the identifier of a C-FIND for one study, or for those of the last days."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyDate = "" if study_instance_uid else f"{today - timedelta(days=days):%Y%m%d}-{today:%Y%m%d}"
    keys.StudyInstanceUID = study_instance_uid or ""
    return keys


def series_keys(study_instance_uid: str) -> Dataset:
    """Return the identifier of a C-FIND for the series of a study."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "SERIES"
    keys.StudyInstanceUID = study_instance_uid
    keys.SeriesInstanceUID = ""
    keys.Modality = ""
    return keys


def instance_keys(study_instance_uid: str, series_instance_uid: str) -> Dataset:
    """Return the identifier of a C-FIND for the instances of a series."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "IMAGE"
    keys.StudyInstanceUID = study_instance_uid
    keys.SeriesInstanceUID = series_instance_uid
    keys.SOPInstanceUID = ""
    return keys


def instance_to_move(study_instance_uid: str, series_instance_uid: str, sop_instance_uid: str) -> Dataset:
    """Return the identifier of a C-MOVE of one instance."""
    keys = instance_keys(study_instance_uid, series_instance_uid)
    keys.SOPInstanceUID = sop_instance_uid
    return keys


def study_to_move(study_instance_uid: str) -> Dataset:
    """Return the identifier of a C-MOVE of a whole study."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = study_instance_uid
    return keys


def small_series(answers: Sequence[Dataset]) -> str | None:
    """Return the series to take an object from: one of structured reports if there is any, as they are small."""
    named = [(read(answer, "Modality") != "SR", uid) for answer in answers if (uid := read_uid(answer, "Series"))]
    return min(named, key=lambda one: one[0])[1] if named else None


def read_uid(answer: Dataset, what: str) -> str | None:
    """Return a valid Study, Series or SOP Instance UID of an answer, or None."""
    uid = read(answer, f"{what}InstanceUID")
    return uid if is_valid_uid(uid) else None


def read(answer: Dataset, keyword: str) -> str:
    """Return a value of an answer as text, empty where there is none."""
    try:
        with disable_value_validation():  # its warnings quote the value
            return str(answer.get(keyword) or "").strip(" \0")
    except Exception:  # noqa: BLE001 (a peer's element can be wrong in any way; it costs this element alone)
        return ""
