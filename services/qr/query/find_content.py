"""Queries for the series and instances of a study, tolerant of nodes that leave attributes out."""

from dataclasses import replace

from pydicom.dataset import Dataset

from services.qr.choice.found import Instance, Scope, Series
from services.qr.remote.archive import Queryable
from services.qr.remote.find import read_number, read_text, read_uid

FIRST_NUMBERS = ("1", "0")
"""Usual values of Instance Number of the first instance of a series."""


def find_series(archive: Queryable, *, study_instance_uid: str) -> list[Series]:
    """Return the series of a study, each once, in the order of the answers.

    Raises:
        RemoteError, JobCancelled, Stopping: as `Queryable.find`.
    """
    keys = Dataset()
    keys.QueryRetrieveLevel = "SERIES"
    keys.StudyInstanceUID = study_instance_uid
    keys.SeriesInstanceUID = ""
    keys.Modality = ""
    keys.SeriesNumber = None
    keys.SeriesDescription = ""
    keys.StationName = ""
    keys.SeriesTime = ""
    keys.NumberOfSeriesRelatedInstances = None
    found: dict[str, Series] = {}
    for answer in archive.find(keys):
        one = None if answer is None else read_series(answer)
        if one is not None:
            found.setdefault(one.series_instance_uid, one)
    return list(found.values())


def find_instances(archive: Queryable, *, study_instance_uid: str, series: Series, scope: Scope) -> Series:
    """Return the series with what the node says of its instances.

    Where only the first is wanted, it is asked for by its number; a node that has none of these, or does not match on
    it, is asked for all of them.

    Raises:
        RemoteError, JobCancelled, Stopping: as `Queryable.find`.
    """
    if scope is Scope.FIRST:
        for number in FIRST_NUMBERS:
            instances = _instances(archive, study_instance_uid, series, number)
            if instances:
                return replace(series, instances=instances, asked=Scope.FIRST)
    return replace(series, instances=_instances(archive, study_instance_uid, series, None), asked=scope)


def _instances(archive: Queryable, study_instance_uid: str, series: Series, number: str | None) -> tuple[Instance, ...]:
    keys = Dataset()
    keys.QueryRetrieveLevel = "IMAGE"
    keys.StudyInstanceUID = study_instance_uid
    keys.SeriesInstanceUID = series.series_instance_uid
    keys.SOPInstanceUID = ""
    keys.SOPClassUID = ""
    keys.InstanceNumber = number
    found: dict[str, Instance] = {}
    for answer in archive.find(keys):
        one = None if answer is None else read_instance(answer)
        if one is not None:
            found.setdefault(one.sop_instance_uid, one)
    return tuple(found.values())


def read_series(answer: Dataset) -> Series | None:
    """Read an answer at SERIES level; None where it names no series."""
    uid = read_uid(answer, "SeriesInstanceUID")
    if uid is None:
        return None
    return Series(
        uid,
        modality=read_text(answer, "Modality", 16),
        series_number=read_number(answer, "SeriesNumber"),
        description=read_text(answer, "SeriesDescription"),
        station_name=read_text(answer, "StationName"),
        instance_count=read_number(answer, "NumberOfSeriesRelatedInstances"),
    )


def read_instance(answer: Dataset) -> Instance | None:
    """Read an answer at IMAGE level; None where it names no instance."""
    uid = read_uid(answer, "SOPInstanceUID")
    if uid is None:
        return None
    return Instance(
        uid, sop_class_uid=read_uid(answer, "SOPClassUID"), instance_number=read_number(answer, "InstanceNumber")
    )
