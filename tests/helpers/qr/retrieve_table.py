"""The table of docs/query-retrieve.md as a function: the objects to retrieve of a study, from their headers alone.

Written down a second time, on purpose: tests hold what jobs retrieve against it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pydicom import dcmread

_STORAGE = "1.2.840.10008.5.1.4.1.1."
RDSR = {_STORAGE + "88.67", _STORAGE + "88.76"}
RRDSR = {_STORAGE + "88.68"}
ENHANCED_SR = {_STORAGE + "88.22"}
SMALL = 5

ROWS = {
    "CT": {"CT"},
    "MG": {"MG"},
    "FL": {"RF", "XA"},
    "DX": {"DX", "CR", "PX"},
    "NM": {"NM", "PT"},
    "SR": {"SR"},
}
"""The modalities of each class."""


@dataclass(frozen=True, slots=True)
class Held:
    """An object that an archive holds: what its header says."""

    study: str
    series: str
    sop_instance: str
    sop_class: str
    modality: str
    description: str | None
    series_number: int
    instance_number: int
    study_date: str

    @property
    def is_report(self) -> bool:
        """Whether it lies in a series of structured reports."""
        return self.modality == "SR"


def read_held(path: Path) -> Held:
    """Read the header of a file."""
    header = dcmread(path, stop_before_pixels=True)
    return Held(
        study=str(header.StudyInstanceUID),
        series=str(header.SeriesInstanceUID),
        sop_instance=str(header.SOPInstanceUID),
        sop_class=str(header.SOPClassUID),
        modality=str(header.Modality),
        description=header.get("SeriesDescription") or None,
        series_number=int(header.get("SeriesNumber") or 0),
        instance_number=int(header.get("InstanceNumber") or 0),
        study_date=str(header.get("StudyDate") or ""),
    )


def has_class(study: Sequence[Held], modality_class: str) -> bool:
    """Tell whether a job for a class is about this study."""
    modalities = {one.modality for one in study}
    return modalities == {"SR"} if modality_class == "SR" else bool(modalities & ROWS[modality_class])


def wanted(study: Sequence[Held], modality_class: str) -> set[str]:
    """Return the SOP Instance UIDs of a study that a job for a class retrieves; no option is set."""
    if not has_class(study, modality_class):
        return set()
    return {one.sop_instance for one in _OF_CLASS[modality_class](study)}


def _radiographs(modalities: set[str]) -> Callable[[Sequence[Held]], list[Held]]:
    return lambda study: _of(study, RDSR) or [one for one in study if one.modality in modalities]


def _fluoroscopy(study: Sequence[Held]) -> list[Held]:
    return _of(study, RDSR) or _of(study, ENHANCED_SR)


def _ct(study: Sequence[Held]) -> list[Held]:
    images = [one for one in study if not one.is_report]
    dose_info = [one for one in images if (one.description or "").lower() == "dose info"]
    small = [] if any(one.description for one in study) else [one for one in images if _size(one, study) <= SMALL]
    return _of(study, RDSR) or _of(study, ENHANCED_SR) or dose_info or small


def _nuclear(study: Sequence[Held]) -> list[Held]:
    picked = _of(study, RRDSR) + _firsts(one for one in study if one.modality == "PT")
    return picked or _firsts(one for one in study if one.modality == "NM")[:1]


def _reports_only(study: Sequence[Held]) -> list[Held]:
    return _of(study, RDSR | RRDSR) or _of(study, ENHANCED_SR)


_OF_CLASS: dict[str, Callable[[Sequence[Held]], list[Held]]] = {
    "CT": _ct,
    "MG": _radiographs(ROWS["MG"]),
    "FL": _fluoroscopy,
    "DX": _radiographs(ROWS["DX"]),
    "NM": _nuclear,
    "SR": _reports_only,
}


def _of(study: Iterable[Held], sop_classes: set[str]) -> list[Held]:
    return [one for one in study if one.is_report and one.sop_class in sop_classes]


def _firsts(images: Iterable[Held]) -> list[Held]:
    """Return the image with the lowest number of each series, in the order of the series' numbers."""
    in_order = sorted(images, key=lambda one: (one.series_number, one.series, one.instance_number))
    return [next(of_series) for _, of_series in groupby(in_order, key=lambda one: one.series)]


def _size(image: Held, study: Iterable[Held]) -> int:
    return sum(one.series == image.series for one in study)
