"""Queries at STUDY level, Study Root (PS3.4 section C.4.1), and the reading of answers at all levels."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time

from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from services.qr.remote.archive import Archive
from services.qr.remote.windows import Window
from shared.dicom.uid import is_valid_uid
from shared.logging import get_logger

LONGEST_TEXT = 256

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """The wanted studies: one, or those of a range of days (of one day also of a range of times)."""

    date_from: date | None
    date_until: date | None
    study_instance_uid: str | None
    time_from: time | None = None
    time_until: time | None = None

    @property
    def window(self) -> Window | None:
        """Return the range of dates and times; None for one study."""
        if self.date_from is None or self.date_until is None:
            return None
        return Window(first=self.date_from, last=self.date_until, start=self.time_from, end=self.time_until)

    def __str__(self) -> str:
        return f"study {self.study_instance_uid}" if self.study_instance_uid else f"studies {self.window}"


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study as the remote node describes it. None: the node does not return the attribute."""

    study_instance_uid: str
    study_date: str | None
    modalities_in_study: str | None
    """The modalities, joined by backslashes."""
    instances_in_study: int | None
    study_time: str | None = None
    study_description: str | None = None
    station_name: str | None = None

    @property
    def modalities(self) -> tuple[str, ...] | None:
        """Return Modalities in Study one by one."""
        return tuple(self.modalities_in_study.split("\\")) if self.modalities_in_study else None

    @property
    def moment(self) -> datetime | None:
        """Return Study Date and Study Time, to the second; None where one of them is not told, or has another form."""
        if not self.study_time:
            return None
        with suppress(ValueError):
            return datetime.strptime(f"{self.study_date} {self.study_time[:6]:0<6}", "%Y%m%d %H%M%S")  # noqa: DTZ007
        return None


def identifier(
    *,
    window: Window | None = None,
    study_instance_uid: str | None = None,
    modality: str | None = None,
    modality_key: bool = False,
) -> Dataset:
    """Return the C-FIND identifier: what must match, and what we ask for.

    Args:
        window: dates, and times where it is about a part of one day.
        study_instance_uid: the one study.
        modality: what Modalities in Study has to contain.
        modality_key: send it as Modality (0008,0060), too: some nodes match on that alone.
    """
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyDate = "" if window is None else _range(f"{window.first:%Y%m%d}", f"{window.last:%Y%m%d}")
    keys.StudyTime = _times(window) if window is not None else ""
    keys.AccessionNumber = ""
    keys.ModalitiesInStudy = modality or ""
    if modality_key:
        keys.Modality = modality or ""
    keys.StationName = ""
    keys.StudyDescription = ""
    keys.StudyInstanceUID = study_instance_uid or ""
    keys.NumberOfStudyRelatedSeries = None
    keys.NumberOfStudyRelatedInstances = None
    return keys


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _times(window: Window) -> str:
    """Return a range match on Study Time; whole days have none. An end of the day stays open."""
    if window.start is None and window.end is None:
        return ""
    start = f"{window.start:%H%M%S}" if window.start else "000000"
    return f"{start}-{window.end:%H%M%S}" if window.end else f"{start}-"


def find_studies(archive: Archive, keys: Dataset) -> Iterator[FoundStudy]:
    """Yield the studies that match as they come; one study may come more than once.

    Raises:
        RemoteError, JobCancelled, Stopping: as `Archive.find`.
    """
    unusable = 0
    for answer in archive.find(keys):
        study = None if answer is None else read_study(answer)
        if study is None:
            unusable += 1
        else:
            yield study
    if unusable:
        log.warning("answers without a usable Study Instance UID", answers=unusable)


def read_study(answer: Dataset) -> FoundStudy | None:
    """Read an answer to a C-FIND; None where it names no study."""
    uid = read_uid(answer, "StudyInstanceUID")
    if uid is None:
        return None
    return FoundStudy(
        study_instance_uid=uid,
        study_date=read_text(answer, "StudyDate", 16),
        modalities_in_study=read_text(answer, "ModalitiesInStudy"),
        instances_in_study=read_number(answer, "NumberOfStudyRelatedInstances"),
        study_time=read_text(answer, "StudyTime", 16),
        study_description=read_text(answer, "StudyDescription"),
        station_name=read_text(answer, "StationName"),
    )


def read_uid(answer: Dataset, keyword: str) -> str | None:
    """Return a valid UID, or None."""
    uid = read_text(answer, keyword)
    return uid if uid is not None and is_valid_uid(uid) else None


def read_number(answer: Dataset, keyword: str) -> int | None:
    """Return a number that is not negative and has at most 8 digits, or None."""
    text = read_text(answer, keyword)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


def read_text(answer: Dataset, keyword: str, length: int = LONGEST_TEXT) -> str | None:
    """Return a value as text, several joined by backslashes, cut to `length`; None where there is none."""
    try:
        with disable_value_validation():  # its warnings quote the value
            value = answer.get(keyword)
    except Exception:  # noqa: BLE001 (a peer's element can be wrong in any way; it costs this element alone)
        return None
    values = value if isinstance(value, MultiValue | list) else [value]
    text = "\\".join(str(part).strip(" \0") for part in values if part is not None).replace("\0", "")
    return text[:length] or None
