"""The studies of a simulated PACS: date, time, series and instances, computed from the number of the study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

ROOT = "1.2.826.0.1.3680043.8.498"
STORAGE = "1.2.840.10008.5.1.4.1.1."
CT_IMAGE, SECONDARY_CAPTURE, RDSR = STORAGE + "2", STORAGE + "7", STORAGE + "88.67"
ENHANCED_SR, BASIC_SR, RRDSR = STORAGE + "88.22", STORAGE + "88.11", STORAGE + "88.68"
MAMMOGRAM, CR_IMAGE, DX_IMAGE = STORAGE + "1.2", STORAGE + "1", STORAGE + "1.1"
PET_IMAGE, NM_IMAGE, XRF_IMAGE, US_IMAGE = STORAGE + "128", STORAGE + "20", STORAGE + "12.2", STORAGE + "6.1"
SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series of a kind of study."""

    modality: str
    number: int
    description: str | None
    sop_classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A kind of study."""

    description: str
    station_name: str
    series: tuple[SeriesPlan, ...]

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities in Study."""
        return tuple(dict.fromkeys(one.modality for one in self.series))


def _report(*sop_classes: str, number: int = 501, description: str = "Dose Report") -> SeriesPlan:
    return SeriesPlan("SR", number, description, sop_classes)


PLANS: dict[str, StudyPlan] = {
    "ct": StudyPlan(
        "CT Thorax", "CT01",
        (SeriesPlan("CT", 1, "Topogram", (CT_IMAGE,)), SeriesPlan("CT", 2, "Thorax", (CT_IMAGE,) * 8), _report(RDSR)),
    ),
    "ct-esr": StudyPlan(
        "CT Head", "CT02",
        (SeriesPlan("CT", 1, "Head", (CT_IMAGE,) * 6), _report(ENHANCED_SR, number=997), _report(BASIC_SR, number=2)),
    ),
    "ct-dose-info": StudyPlan(
        "CT Abdomen", "CT03",
        (SeriesPlan("CT", 1, "Abdomen", (CT_IMAGE,) * 7), SeriesPlan("CT", 2, "Dose Info", (SECONDARY_CAPTURE,))),
    ),
    "mg": StudyPlan(
        "Screening", "MG01",
        (SeriesPlan("MG", 1, "R-CC", (MAMMOGRAM,)), SeriesPlan("MG", 2, "L-CC", (MAMMOGRAM,))),
    ),
    "dx": StudyPlan("Chest", "DX01", (SeriesPlan("DX", 1, "PA", (DX_IMAGE,)), _report(BASIC_SR, number=9))),
    "cr": StudyPlan("Hand", "CR01", (SeriesPlan("CR", 1, "Hand", (CR_IMAGE,) * 2), _report(RDSR))),
    "fl": StudyPlan("Coronary", "XA01", (SeriesPlan("XA", 1, "Run", (XRF_IMAGE,) * 4), _report(RDSR))),
    "fl-none": StudyPlan("Barium", "RF01", (SeriesPlan("RF", 1, "Run", (XRF_IMAGE,) * 4), _report(BASIC_SR, number=3))),
    "pet-ct": StudyPlan(
        "PET-CT", "PT01",
        (
            SeriesPlan("CT", 1, "Low dose", (CT_IMAGE,) * 5),
            SeriesPlan("PT", 2, "PET", (PET_IMAGE,) * 5),
            _report(RDSR),
            _report(RRDSR, number=502),
        ),
    ),
    "nm": StudyPlan("Bone", "NM01", (SeriesPlan("NM", 1, "Bone", (NM_IMAGE,) * 2),)),
    "sr": StudyPlan("Dose only", "CT01", (_report(RDSR),)),
    "us": StudyPlan("Ultrasound", "US01", (SeriesPlan("US", 1, "Liver", (US_IMAGE,)),)),
}  # fmt: skip
"""Kinds of studies by name."""


@dataclass(frozen=True, slots=True)
class SimulatedStudy:
    """A study: its number, and what follows from that."""

    number: int
    uid: str
    at: datetime
    kind: str

    @property
    def plan(self) -> StudyPlan:
        """What it consists of."""
        return PLANS[self.kind]

    def series_uid(self, index: int) -> str:
        """Return the Series Instance UID of its series `index`."""
        return f"{self.uid}.{index + 1}"

    def instance_uids(self, index: int) -> Iterator[tuple[str, str]]:
        """Yield SOP Instance UID and SOP Class UID of each instance of its series `index`."""
        for number, sop_class in enumerate(self.plan.series[index].sop_classes, 1):
            yield f"{self.series_uid(index)}.{number}", sop_class


@dataclass(frozen=True)
class Archive:
    """`count` studies of `days` days from `first_day`, in the order of their time: busy weekdays, quiet nights."""

    count: int
    first_day: date
    days: int = 1
    kinds: Sequence[str] = ("ct", "mg", "dx", "fl", "pet-ct", "nm", "us")
    seed: int = 1
    prefix: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", f"{ROOT}.{self.seed}.")

    def study(self, number: int) -> SimulatedStudy:
        """Return the study `number`, from 0."""
        day, seconds = self._moment(number)
        at = datetime.combine(self.first_day + timedelta(days=day), time()) + timedelta(seconds=seconds)
        kind = self.kinds[number % len(self.kinds)]
        return SimulatedStudy(number, f"{self.prefix}{number + 1}", at, kind)

    def by_uid(self, uid: str) -> SimulatedStudy | None:
        """Return the study of this Study Instance UID, None where there is none."""
        rest = uid.removeprefix(self.prefix)
        if rest == uid or not rest.isdigit() or not 1 <= int(rest) <= self.count:
            return None
        return self.study(int(rest) - 1)

    def between(self, first: datetime, last: datetime) -> Iterator[SimulatedStudy]:
        """Yield the studies of a range of moments; both ends belong to it."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.study(middle).at < first else (low, middle)
        for number in range(low, self.count):
            study = self.study(number)
            if study.at > last:
                return
            yield study

    @cached_property
    def _first_of_day(self) -> list[int]:
        """The number of the first study of each day, and the count at the end."""
        weights = [0.3 if (self.first_day + timedelta(days=day)).weekday() >= 5 else 1.0 for day in range(self.days)]
        total, sum_so_far, firsts = sum(weights), 0.0, []
        for weight in weights:
            firsts.append(round(self.count * sum_so_far / total))
            sum_so_far += weight
        return [*firsts, self.count]

    def _moment(self, number: int) -> tuple[int, int]:
        """Return day and second of the day of a study; both grow with its number."""
        firsts = self._first_of_day
        low, high = 0, self.days - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if firsts[middle] <= number else (low, middle - 1)
        of_day = firsts[low + 1] - firsts[low]
        part = (number - firsts[low] + 0.5) / of_day
        # Quiet nights: the middle 80 % of the studies lie in the ten hours from 8:00.
        if part < 0.1:
            hours = part / 0.1 * 8
        elif part < 0.9:
            hours = 8 + (part - 0.1) / 0.8 * 10
        else:
            hours = 18 + (part - 0.9) / 0.1 * 6
        return low, min(int(hours * 3600), SECONDS_OF_A_DAY - 1)
