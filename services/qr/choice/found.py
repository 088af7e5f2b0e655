"""The answers of a remote node about a study, and the decisions on the study. Values only.

None always means that the node has not said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from shared.dicom.uid import (
    ENHANCED_PET_IMAGE,
    ENHANCED_SR,
    ENHANCED_X_RAY_RADIATION_DOSE_SR,
    LEGACY_CONVERTED_PET_IMAGE,
    NUCLEAR_MEDICINE_IMAGE,
    POSITRON_EMISSION_TOMOGRAPHY_IMAGE,
    RADIOPHARMACEUTICAL_RADIATION_DOSE_SR,
    SECONDARY_CAPTURE_IMAGE,
    X_RAY_RADIATION_DOSE_SR,
    sop_class_name,
)
from shared.jobs.options import ModalityClass

RDSR = frozenset({X_RAY_RADIATION_DOSE_SR, ENHANCED_X_RAY_RADIATION_DOSE_SR})
RRDSR = frozenset({RADIOPHARMACEUTICAL_RADIATION_DOSE_SR})
ESR = frozenset({ENHANCED_SR})
SECONDARY_CAPTURES = frozenset({SECONDARY_CAPTURE_IMAGE, *(f"{SECONDARY_CAPTURE_IMAGE}.{n}" for n in range(1, 5))})
PET_IMAGES = frozenset({POSITRON_EMISSION_TOMOGRAPHY_IMAGE, LEGACY_CONVERTED_PET_IMAGE, ENHANCED_PET_IMAGE})
NM_IMAGES = frozenset({NUCLEAR_MEDICINE_IMAGE})


class Scope(Enum):
    """The part of a series that is queried at IMAGE level."""

    FIRST = auto()
    ALL = auto()


@dataclass(frozen=True, slots=True)
class Instance:
    """An answer at IMAGE level."""

    sop_instance_uid: str
    sop_class_uid: str | None = None
    instance_number: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """An answer at SERIES level, and the answers to later queries at IMAGE level."""

    series_instance_uid: str
    modality: str | None = None
    series_number: int | None = None
    description: str | None = None
    station_name: str | None = None
    instance_count: int | None = None
    """Number of Series Related Instances (0020,1209)."""
    instances: tuple[Instance, ...] | None = None
    """None: not queried at IMAGE level; empty: queried, without any answer."""
    asked: Scope | None = None
    """The scope of the query that `instances` answers."""

    @property
    def is_report(self) -> bool:
        """True for a series of structured reports."""
        return self.modality == "SR"

    @property
    def first(self) -> Instance | None:
        """Return the instance with the lowest Instance Number; of those without one, the one that came first."""
        if not self.instances:
            return None
        return min(self.instances, key=lambda one: (one.instance_number is None, one.instance_number or 0))

    @property
    def unclassified(self) -> tuple[Instance, ...]:
        """Return its reports whose SOP class is not known."""
        return tuple(one for one in self.instances or () if self.is_report and one.sop_class_uid is None)

    def has_answered(self, scope: Scope) -> bool:
        """Tell whether the instances in `scope` are known already."""
        return self.asked is Scope.ALL or self.asked is scope

    @property
    def number(self) -> str:
        """Return its Series Number in words."""
        return "without number" if self.series_number is None else str(self.series_number)

    def __str__(self) -> str:
        return f"series {self.number}"


@dataclass(frozen=True, slots=True)
class Pick:
    """The part of a series that is to be retrieved. `sop_instance_uids` None: all of it."""

    series: Series
    what: str
    """In words: `RDSR`, `image`."""
    sop_instance_uids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """The parts of a study that one class wants, and the reason in words."""

    modality_class: ModalityClass | None
    """None: everything is wanted."""
    picks: tuple[Pick, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Queries at IMAGE level that are needed before a choice can be made, by Series Instance UID."""

    series: Mapping[str, Scope] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeriesDecision:
    """The decision on a series. `sop_instance_uids` None: all of it, where it is wanted."""

    series: Series
    wanted: bool
    reason: str
    sop_instance_uids: tuple[str, ...] | None = None
    known: frozenset[str] = frozenset()
    """The instances that are left out because they were received before."""

    @property
    def is_whole(self) -> bool:
        """True if all of the series is wanted."""
        return self.wanted and self.sop_instance_uids is None


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice for a study: a decision on every series of it."""

    decisions: tuple[SeriesDecision, ...]
    classes: tuple[ModalityClass, ...]
    reason: str

    @property
    def wanted(self) -> tuple[SeriesDecision, ...]:
        """Return the decisions on series of which something is wanted."""
        return tuple(decision for decision in self.decisions if decision.wanted)


def report_kind(sop_class_uid: str | None) -> str:
    """Return the usual name of a kind of structured report."""
    if sop_class_uid in RDSR:
        return "RDSR"
    if sop_class_uid in RRDSR:
        return "RRDSR"
    if sop_class_uid in ESR:
        return "Enhanced SR"
    if sop_class_uid is None:
        return "report of unknown SOP class"
    return sop_class_name(sop_class_uid) or "report of a private SOP class"
