"""The matches of a C-FIND in the archive of a simulated PACS, as identifiers with its quirks."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tools.pacs.archive import Archive, SeriesPlan, SimulatedStudy
from tools.pacs.quirks import Quirks

LONG_SUFFIX = "-in-the-basement-of-the-old-building"


def matches(archive: Archive, keys: Dataset, quirks: Quirks) -> Iterator[Dataset]:
    """Yield the answers to a C-FIND identifier."""
    level = keys.QueryRetrieveLevel
    if level == "STUDY":
        for study in _studies(archive, keys, quirks):
            answer = _study_answer(study, quirks)
            yield answer
            if quirks.duplicate_answers:
                yield answer
        return
    found = archive.by_uid(str(keys.StudyInstanceUID))
    if found is None:
        return
    for index, plan in enumerate(found.plan.series):
        if level == "SERIES":
            yield _series_answer(found, index, plan, quirks)
        elif found.series_uid(index) == keys.SeriesInstanceUID:
            yield from _instance_answers(found, index, plan, keys, quirks)


def _studies(archive: Archive, keys: Dataset, quirks: Quirks) -> Iterator[SimulatedStudy]:
    if keys.get("StudyInstanceUID"):
        study = archive.by_uid(str(keys.StudyInstanceUID))
        if study is not None:
            yield study
        return
    wanted = keys.get("Modality", "") if quirks.needs_modality_key else keys.get("ModalitiesInStudy", "")
    if quirks.ignores_modalities_in_study:
        wanted = ""
    first, last = _range(str(keys.get("StudyDate", "")), "%Y%m%d", datetime(1900, 1, 1), datetime(2999, 1, 1))  # noqa: DTZ001
    begin, end = _times(str(keys.get("StudyTime", "")))
    for study in archive.between(first, last + timedelta(days=1) - timedelta(seconds=1)):
        if begin <= study.at.time() <= end and (not wanted or wanted in study.plan.modalities):
            yield study


def _range(text: str, form: str, lowest: datetime, highest: datetime) -> tuple[datetime, datetime]:
    if not text:
        return lowest, highest
    first, dash, last = text.partition("-")
    begin = datetime.strptime(first, form) if first else lowest  # noqa: DTZ007
    if not dash:
        return begin, begin
    return begin, datetime.strptime(last, form) if last else highest  # noqa: DTZ007


def _times(text: str) -> tuple[time, time]:
    day = datetime(1900, 1, 1)  # noqa: DTZ001
    first, last = _range(text, "%H%M%S", day, day + timedelta(days=1) - timedelta(seconds=1))
    return first.time(), last.time()


def _study_answer(study: SimulatedStudy, quirks: Quirks) -> Dataset:
    plan = study.plan
    answer = Dataset()
    answer.QueryRetrieveLevel = "STUDY"
    answer.StudyInstanceUID = study.uid
    answer.StudyDate = f"{study.at:%Y%m%d}"
    answer.StudyTime = f"{study.at:%H%M%S}"
    answer.StudyDescription = plan.description
    _station_name(answer, plan.station_name, quirks)
    if not (quirks.returns_no_modalities_in_study or quirks.needs_modality_key):
        answer.ModalitiesInStudy = list(plan.modalities)
    answer.NumberOfStudyRelatedInstances = sum(len(one.sop_classes) for one in plan.series)
    return answer


def _series_answer(study: SimulatedStudy, index: int, plan: SeriesPlan, quirks: Quirks) -> Dataset:
    answer = Dataset()
    answer.QueryRetrieveLevel = "SERIES"
    answer.StudyInstanceUID = study.uid
    answer.SeriesInstanceUID = study.series_uid(index)
    answer.Modality = plan.modality
    answer.SeriesNumber = plan.number
    if not quirks.no_series_descriptions:
        answer.SeriesDescription = plan.description
    _station_name(answer, study.plan.station_name, quirks)
    answer.NumberOfSeriesRelatedInstances = len(plan.sop_classes)
    return answer


def _instance_answers(
    study: SimulatedStudy, index: int, plan: SeriesPlan, keys: Dataset, quirks: Quirks
) -> Iterator[Dataset]:
    if quirks.empty_sr and plan.modality == "SR":
        return
    wanted = keys.get("InstanceNumber")
    for number, (uid, sop_class) in enumerate(study.instance_uids(index), 1):
        if wanted not in (None, "") and not quirks.no_instance_number and int(wanted) != number:
            continue
        answer = Dataset()
        answer.QueryRetrieveLevel = "IMAGE"
        answer.StudyInstanceUID = study.uid
        answer.SeriesInstanceUID = study.series_uid(index)
        answer.SOPInstanceUID = uid
        if not quirks.no_sop_class_uid:
            answer.SOPClassUID = sop_class
        if not quirks.no_instance_number:
            answer.InstanceNumber = number
        yield answer


def _station_name(answer: Dataset, name: str, quirks: Quirks) -> None:
    text = name + (LONG_SUFFIX if quirks.long_station_names else "")
    answer.add(DataElement("StationName", "SH", text, validation_mode=IGNORE))
