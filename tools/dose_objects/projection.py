"""Projection X-ray dose reports: TID 10001 with TID 10002, 10003, 10004 and 10007 (PS3.16)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from tools.dose_objects.content import (
    HAS_CONCEPT_MOD,
    HAS_PROPERTIES,
    YES,
    code,
    container,
    dcm,
    moment,
    num,
    sct,
    text,
    uidref,
)
from tools.dose_objects.study import (
    Equipment,
    Study,
    document,
    has_intent,
    observer_context,
    scope_of_accumulation,
    source_of_dose_information,
)

ANGIOGRAPHY = Equipment(manufacturer="Example Medical", model="Angio Two", station_name="XA01")
RADIOGRAPHY = Equipment(manufacturer="Example Medical", model="Digital Wall", station_name="DX01")

FLUOROSCOPY_GUIDED = dcm("113957", "Fluoroscopy-Guided Projection Radiography System")
INTEGRATED = dcm("113958", "Integrated Projection Radiography System")

FLUOROSCOPY = sct("44491008", "Fluoroscopy")
STATIONARY = dcm("113611", "Stationary Acquisition")
ROTATIONAL = dcm("113613", "Rotational Acquisition")

SINGLE_PLANE = dcm("113622", "Single Plane")
PLANE_A, PLANE_B = dcm("113620", "Plane A"), dcm("113621", "Plane B")

CHEST = sct("816094009", "Chest")
REFERENCE_POINT = dcm("113860", "15cm from Isocenter toward Source")


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """One irradiation event: Gy.m2, Gy, s, kV, mA, ms, uA.s, mm of copper, degrees."""

    kind: Code
    plane: Code
    protocol: str
    dap_gy_m2: float
    dose_gy: float | None
    duration_s: float
    kvp: float
    current_ma: float
    pulse_width_ms: float
    pulse_rate: float
    copper_mm: float
    primary_angle: float
    secondary_angle: float

    @property
    def pulses(self) -> int:
        """How many pulses it took."""
        return max(1, round(self.duration_s * self.pulse_rate))

    @property
    def fluoroscopy(self) -> bool:
        """Whether it counts as fluoroscopy in the totals."""
        return bool(self.kind == FLUOROSCOPY)


def fluoroscopy_report(
    *, study: Study | None = None, equipment: Equipment = ANGIOGRAPHY, events: int = 6, biplane: bool = False
) -> Dataset:
    """A report of an angiography system: fluoroscopy, stationary and rotational acquisitions.

    With `biplane` the events alternate between the planes, and each plane has its totals.
    """
    study = study or Study(description="Coronary angiography")
    chance = random.Random(f"fluoroscopy {study.seed}")
    planes = (PLANE_A, PLANE_B) if biplane else (SINGLE_PLANE,)
    exposures = [_angiography(chance, index, planes[index % len(planes)]) for index in range(events)]
    return _report(FLUOROSCOPY_GUIDED, study, equipment, exposures, planes)


def radiography_report(*, study: Study | None = None, equipment: Equipment = RADIOGRAPHY, events: int = 2) -> Dataset:
    """A report of a radiography system: single exposures without a dose at the reference point."""
    study = study or Study(description="Chest PA and lateral")
    chance = random.Random(f"radiography {study.seed}")
    exposures = [_radiograph(chance, index) for index in range(events)]
    return _report(INTEGRATED, study, equipment, exposures, (SINGLE_PLANE,))


def _angiography(chance: random.Random, index: int, plane: Code) -> Exposure:
    kind = (FLUOROSCOPY, FLUOROSCOPY, STATIONARY, FLUOROSCOPY, STATIONARY, ROTATIONAL)[index % 6]
    fluoroscopy = kind == FLUOROSCOPY
    duration = round(chance.uniform(4, 60) if fluoroscopy else chance.uniform(2, 7), 1)
    dose = duration * (chance.uniform(1e-4, 3e-4) if fluoroscopy else chance.uniform(3e-3, 8e-3))
    return Exposure(
        kind=kind,
        plane=plane,
        protocol="FL Card" if fluoroscopy else "Coro 15 f/s",
        dap_gy_m2=_significant(dose * chance.uniform(0.006, 0.014)),
        dose_gy=_significant(dose),
        duration_s=duration,
        kvp=round(chance.uniform(65, 95), 1),
        current_ma=round(chance.uniform(8, 60) if fluoroscopy else chance.uniform(300, 750), 1),
        pulse_width_ms=round(chance.uniform(3, 8), 1),
        pulse_rate=7.5 if fluoroscopy else 15,
        copper_mm=0.6 if fluoroscopy else 0.1,
        primary_angle=round(chance.uniform(-45, 45), 1),
        secondary_angle=round(chance.uniform(-30, 30), 1),
    )


def _radiograph(chance: random.Random, index: int) -> Exposure:
    width = round(chance.uniform(3, 12), 1)
    return Exposure(
        kind=STATIONARY,
        plane=SINGLE_PLANE,
        protocol=("Chest PA", "Chest LAT")[index % 2],
        dap_gy_m2=_significant(chance.uniform(5e-6, 3e-5)),
        dose_gy=None,
        duration_s=width / 1000,
        kvp=round(chance.uniform(109, 125)),
        current_ma=round(chance.uniform(200, 400)),
        pulse_width_ms=width,
        pulse_rate=1,
        copper_mm=0.1,
        primary_angle=0,
        secondary_angle=0,
    )


def _report(
    device_type: Code,
    study: Study,
    equipment: Equipment,
    exposures: list[Exposure],
    planes: tuple[Code, ...],
) -> Dataset:
    kind = "DX" if device_type == INTEGRATED else "RF"
    starts: list[datetime] = []
    now = study.started_at
    for exposure in exposures:
        starts.append(now)
        now += timedelta(seconds=exposure.duration_s + 12)
    content = [
        code(
            dcm("121058", "Procedure reported"),
            dcm("113704", "Projection X-Ray"),
            has_intent(),
            relationship=HAS_CONCEPT_MOD,
        ),
        code(dcm("122142", "Acquisition Device Type"), device_type),
        *observer_context(equipment),
        scope_of_accumulation(study),
        code(dcm("113945", "X-Ray Detector Data Available"), YES),
        code(dcm("113943", "X-Ray Source Data Available"), YES),
        code(dcm("113944", "X-Ray Mechanical Data Available"), YES),
        *(_accumulated(plane, [e for e in exposures if e.plane == plane]) for plane in planes),
        *(
            _event(exposure, study.event_uid(kind, index), started_at)
            for index, (exposure, started_at) in enumerate(zip(exposures, starts, strict=True))
        ),
        source_of_dose_information(),
    ]
    return document(kind=kind, template="10001", study=study, equipment=equipment, content=content, ended_at=now)


def _accumulated(plane: Code, exposures: list[Exposure]) -> Dataset:
    """TID 10002, Accumulated X-Ray Dose, of one plane."""
    fluoroscopy = [e for e in exposures if e.fluoroscopy]
    acquisition = [e for e in exposures if not e.fluoroscopy]
    items = [
        code(dcm("113764", "Acquisition Plane"), plane, relationship=HAS_CONCEPT_MOD),
        num(dcm("113722", "Dose Area Product Total"), _dap(exposures), "Gy.m2"),
    ]
    if all(e.dose_gy is not None for e in exposures):
        items.append(num(dcm("113725", "Dose (RP) Total"), _dose(exposures), "Gy"))
        items.append(num(dcm("113726", "Fluoro Dose Area Product Total"), _dap(fluoroscopy), "Gy.m2"))
        items.append(num(dcm("113728", "Fluoro Dose (RP) Total"), _dose(fluoroscopy), "Gy"))
        items.append(num(dcm("113730", "Total Fluoro Time"), _duration(fluoroscopy), "s"))
        items.append(num(dcm("113727", "Acquisition Dose Area Product Total"), _dap(acquisition), "Gy.m2"))
        items.append(num(dcm("113729", "Acquisition Dose (RP) Total"), _dose(acquisition), "Gy"))
        items.append(num(dcm("113855", "Total Acquisition Time"), _duration(acquisition), "s"))
        items.append(code(dcm("113780", "Reference Point Definition"), REFERENCE_POINT))
    frames = sum(e.pulses for e in acquisition)
    items.append(num(dcm("113731", "Total Number of Radiographic Frames"), frames, "1", "no units"))
    items.append(
        container(
            dcm("122505", "Calibration"),
            [
                moment(dcm("113723", "Calibration DateTime"), datetime(2026, 1, 12, 8)),  # noqa: DTZ001
                num(dcm("122322", "Calibration Factor"), 1.02, "1", "no units"),
                num(dcm("113763", "Calibration Uncertainty"), 5, "%", "Percent"),
                text(dcm("113724", "Calibration Responsible Party"), "Example Medical Service"),
            ],
        )
    )
    return container(dcm("113702", "Accumulated X-Ray Dose Data"), items)


def _event(exposure: Exposure, uid: str, started_at: datetime) -> Dataset:
    """TID 10003, Irradiation Event X-Ray Data, with source and mechanical data."""
    items = [
        code(dcm("113764", "Acquisition Plane"), exposure.plane, relationship=HAS_CONCEPT_MOD),
        uidref(dcm("113769", "Irradiation Event UID"), uid),
        moment(dcm("111526", "DateTime Started"), started_at),
        code(dcm("113721", "Irradiation Event Type"), exposure.kind),
        text(dcm("125203", "Acquisition Protocol"), exposure.protocol),
        code(dcm("123014", "Target Region"), CHEST),
        code(
            dcm("113743", "Patient Orientation"),
            sct("102538003", "recumbent"),
            code(
                dcm("113744", "Patient Orientation Modifier"),
                sct("40199007", "supine"),
                relationship=HAS_PROPERTIES,
            ),
        ),
        code(dcm("113745", "Patient Table Relationship"), sct("102540008", "headfirst")),
        num(dcm("122130", "Dose Area Product"), exposure.dap_gy_m2, "Gy.m2"),
    ]
    if exposure.dose_gy is not None:
        items.append(num(dcm("113738", "Dose (RP)"), exposure.dose_gy, "Gy"))
        items.append(code(dcm("113780", "Reference Point Definition"), REFERENCE_POINT))
    return container(dcm("113706", "Irradiation Event X-Ray Data"), [*items, *_source(exposure), *_geometry(exposure)])


def _source(exposure: Exposure) -> list[Dataset]:
    """TID 10003B, Irradiation Event X-Ray Source Data."""
    exposure_time_ms = round(exposure.pulses * exposure.pulse_width_ms, 1)
    pulsed = [
        code(dcm("113732", "Fluoro Mode"), dcm("113631", "Pulsed")),
        num(dcm("113791", "Pulse Rate"), exposure.pulse_rate, "{pulse}/s", "pulse/s"),
    ]
    return [
        *(pulsed if exposure.fluoroscopy else []),
        num(dcm("113768", "Number of Pulses"), exposure.pulses, "1", "no units"),
        num(dcm("113742", "Irradiation Duration"), exposure.duration_s, "s"),
        num(dcm("113733", "KVP"), exposure.kvp, "kV"),
        num(dcm("113734", "X-Ray Tube Current"), exposure.current_ma, "mA"),
        num(dcm("113824", "Exposure Time"), exposure_time_ms, "ms"),
        num(dcm("113793", "Pulse Width"), exposure.pulse_width_ms, "ms"),
        num(dcm("113736", "Exposure"), exposure.current_ma * exposure_time_ms, "uA.s"),
        num(dcm("113766", "Focal Spot Size"), 0.7, "mm"),
        _filter(sct("66925006", "Copper"), exposure.copper_mm),
        _filter(sct("12503006", "Aluminum"), 1.0),
        num(dcm("113790", "Collimated Field Area"), 0.0324, "m2"),
    ]


def _filter(material: Code, thickness_mm: float) -> Dataset:
    return container(
        dcm("113771", "X-Ray Filters"),
        [
            code(dcm("113772", "X-Ray Filter Type"), dcm("113653", "Flat filter")),
            code(dcm("113757", "X-Ray Filter Material"), material),
            num(dcm("113758", "X-Ray Filter Thickness Minimum"), thickness_mm, "mm"),
            num(dcm("113773", "X-Ray Filter Thickness Maximum"), thickness_mm, "mm"),
        ],
    )


def _geometry(exposure: Exposure) -> list[Dataset]:
    """TID 10003C, Irradiation Event X-Ray Mechanical Data."""
    items = [
        num(dcm("112011", "Positioner Primary Angle"), exposure.primary_angle, "deg"),
        num(dcm("112012", "Positioner Secondary Angle"), exposure.secondary_angle, "deg"),
        num(dcm("113770", "Column Angulation"), 0, "deg"),
        num(dcm("113751", "Table Longitudinal Position"), 1204.5, "mm"),
        num(dcm("113752", "Table Lateral Position"), -12.5, "mm"),
        num(dcm("113753", "Table Height Position"), 94.0, "mm"),
        num(dcm("113748", "Distance Source to Isocenter"), 785, "mm"),
        num(dcm("113737", "Distance Source to Reference Point"), 635, "mm"),
        num(dcm("113750", "Distance Source to Detector"), 1089, "mm"),
    ]
    if exposure.kind == ROTATIONAL:
        items.insert(2, num(dcm("113739", "Positioner Primary End Angle"), exposure.primary_angle + 200, "deg"))
        items.insert(3, num(dcm("113740", "Positioner Secondary End Angle"), exposure.secondary_angle, "deg"))
    return items


def _dap(exposures: list[Exposure]) -> float:
    return _significant(sum(e.dap_gy_m2 for e in exposures))


def _dose(exposures: list[Exposure]) -> float:
    return _significant(sum(e.dose_gy or 0 for e in exposures))


def _duration(exposures: list[Exposure]) -> float:
    return round(sum(e.duration_s for e in exposures), 1)


def _significant(value: float) -> float:
    """Five significant digits, as devices print them."""
    return float(f"{value:.5g}")
