"""CT Radiation Dose reports: TID 10011 with TID 10012, 10013 and 10015 (PS3.16)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from tools.dose_objects.content import (
    HAS_CONCEPT_MOD,
    HAS_PROPERTIES,
    NO,
    YES,
    code,
    container,
    dcm,
    num,
    person,
    sct,
    text,
    uidref,
)
from tools.dose_objects.study import (
    Equipment,
    Study,
    document,
    has_intent,
    irradiation_times,
    observer_context,
    scope_of_accumulation,
    source_of_dose_information,
)

SCANNER = Equipment(manufacturer="Example Medical", model="Spiral One", station_name="CT01")

CHEST = sct("816094009", "Chest")
ABDOMEN = sct("818981001", "Abdomen")
HEAD = sct("69536005", "Head")

SPIRAL = sct("116152004", "Spiral Acquisition")
SEQUENCED = dcm("113804", "Sequenced Acquisition")
CONSTANT_ANGLE = dcm("113805", "Constant Angle Acquisition")
STATIONARY = dcm("113806", "Stationary Acquisition")


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """One kind of CT acquisition with its typical values: kV, mA, s, mm, mGy."""

    protocol: str
    region: Code
    kind: Code
    kvp: tuple[float, ...] = (120,)
    current_ma: float
    exposure_s: float
    rotation_s: float = 0.5
    length_mm: float
    single_collimation_mm: float = 0.6
    total_collimation_mm: float = 38.4
    pitch: float | None = None
    ctdivol_mgy: float | None = None
    head_phantom: bool = False


LOCALIZER = Acquisition(
    protocol="Topogram", region=CHEST, kind=CONSTANT_ANGLE, current_ma=35, exposure_s=5.3, length_mm=512
)
PREMONITORING = Acquisition(
    protocol="PreMonitoring", region=CHEST, kind=STATIONARY, current_ma=40, exposure_s=0.28, length_mm=10,
    total_collimation_mm=10, ctdivol_mgy=0.6,
)  # fmt: skip
THORAX = Acquisition(
    protocol="Thorax Routine", region=CHEST, kind=SPIRAL, current_ma=140, exposure_s=3.4, length_mm=342.5,
    pitch=1.2, ctdivol_mgy=6.8,
)  # fmt: skip
ABDOMEN_SPIRAL = Acquisition(
    protocol="Abdomen portal venous", region=ABDOMEN, kind=SPIRAL, current_ma=186, exposure_s=6.1,
    length_mm=452.0, pitch=0.8, ctdivol_mgy=9.7,
)  # fmt: skip
HEAD_SEQUENCE = Acquisition(
    protocol="Head Sequence", region=HEAD, kind=SEQUENCED, current_ma=270, exposure_s=14.0, rotation_s=1.0,
    length_mm=144.0, total_collimation_mm=19.2, pitch=1.0, ctdivol_mgy=52.3, head_phantom=True,
)  # fmt: skip
DUAL_ENERGY = Acquisition(
    protocol="DE Abdomen", region=ABDOMEN, kind=SPIRAL, kvp=(100, 140), current_ma=210, exposure_s=8.2,
    length_mm=395.0, pitch=0.6, ctdivol_mgy=10.9,
)  # fmt: skip

EXAMINATION = (LOCALIZER, PREMONITORING, THORAX, ABDOMEN_SPIRAL, HEAD_SEQUENCE, DUAL_ENERGY)
"""The acquisitions of a report, repeated from the start if more events are wanted."""


def ct_report(
    *, study: Study | None = None, equipment: Equipment = SCANNER, events: int = 6, dose_check: bool = True
) -> Dataset:
    """A CT dose report with this number of irradiation events.

    Localizers have no dose, one acquisition uses two X-ray sources, and with `dose_check` spiral acquisitions say
    which alert and notification values were set.
    """
    study = study or Study(description="CT Thorax/Abdomen")
    chance = random.Random(f"ct {study.seed}")
    containers: list[Dataset] = []
    total_dlp = 0.0
    ended_at = study.started_at
    for index in range(events):
        plan = EXAMINATION[index % len(EXAMINATION)]
        dlp = _dlp(plan, scale := chance.uniform(0.8, 1.25))
        total_dlp = round(total_dlp + dlp, 2)
        containers.append(_event(plan, study, index, scale, dose_check=dose_check, accumulated_dlp=total_dlp))
        ended_at += timedelta(seconds=plan.exposure_s + 20)
    return document(
        kind="CT",
        template="10011",
        study=study,
        equipment=equipment,
        content=_content(study, equipment, containers, total_dlp, ended_at),
        ended_at=ended_at,
    )


def _content(
    study: Study, equipment: Equipment, events: list[Dataset], total_dlp: float, ended_at: datetime
) -> list[Dataset]:
    return [
        code(
            dcm("121058", "Procedure reported"),
            sct("77477000", "Computed tomography"),
            has_intent(),
            relationship=HAS_CONCEPT_MOD,
        ),
        *observer_context(equipment),
        *irradiation_times(study.started_at, ended_at),
        scope_of_accumulation(study),
        container(
            dcm("113811", "CT Accumulated Dose Data"),
            [
                num(dcm("113812", "Total Number of Irradiation Events"), len(events), "{events}", "events"),
                num(dcm("113813", "CT Dose Length Product Total"), total_dlp, "mGy.cm"),
            ],
        ),
        *events,
        source_of_dose_information(),
    ]


def _event(
    plan: Acquisition, study: Study, index: int, scale: float, *, dose_check: bool, accumulated_dlp: float
) -> Dataset:
    """TID 10013, CT Irradiation Event Data."""
    items = [
        text(dcm("125203", "Acquisition Protocol"), plan.protocol),
        code(dcm("123014", "Target Region"), plan.region),
        code(dcm("113820", "CT Acquisition Type"), plan.kind),
        code(sct("408730004", "Procedure Context"), sct("399331006", "CT without contrast")),
        uidref(dcm("113769", "Irradiation Event UID"), study.event_uid("CT", index)),
        container(dcm("113822", "CT Acquisition Parameters"), _parameters(plan, scale)),
    ]
    if plan.ctdivol_mgy is not None:
        items.append(_dose(plan, scale, dose_check=dose_check, accumulated_dlp=accumulated_dlp))
    items.append(text(dcm("113842", "X-Ray Modulation Type"), "XYZ" if plan.kind == SPIRAL else "NONE"))
    return container(dcm("113819", "CT Acquisition"), items)


def _parameters(plan: Acquisition, scale: float) -> list[Dataset]:
    items = [
        num(dcm("113824", "Exposure Time"), plan.exposure_s, "s"),
        num(dcm("113825", "Scanning Length"), plan.length_mm, "mm"),
        num(dcm("113826", "Nominal Single Collimation Width"), plan.single_collimation_mm, "mm"),
        num(dcm("113827", "Nominal Total Collimation Width"), plan.total_collimation_mm, "mm"),
        num(dcm("113823", "Number of X-Ray Sources"), len(plan.kvp), "{X-Ray sources}", "X-Ray sources"),
    ]
    if plan.kind == SPIRAL:
        items.insert(2, num(dcm("113893", "Length of Reconstructable Volume"), plan.length_mm - 30, "mm"))
        items.insert(3, num(dcm("113899", "Exposed Range"), plan.length_mm + 40, "mm"))
    if plan.pitch is not None:
        items.append(num(dcm("113828", "Pitch Factor"), plan.pitch, "{ratio}", "ratio"))
    for number, kvp in enumerate(plan.kvp):
        current = round(plan.current_ma * scale * (1.0, 0.77)[number])
        source = [
            text(dcm("113832", "Identification of the X-Ray Source"), "AB"[number]),
            num(dcm("113733", "KVP"), kvp, "kV"),
            num(dcm("113833", "Maximum X-Ray Tube Current"), round(current * 1.8), "mA"),
            num(dcm("113734", "X-Ray Tube Current"), current, "mA"),
        ]
        if plan.kind != CONSTANT_ANGLE:
            source.append(num(dcm("113834", "Exposure Time per Rotation"), plan.rotation_s, "s"))
        items.append(container(dcm("113831", "CT X-Ray Source Parameters"), source))
    return items


def _dose(plan: Acquisition, scale: float, *, dose_check: bool, accumulated_dlp: float) -> Dataset:
    phantom = (
        dcm("113690", "IEC Head Dosimetry Phantom")
        if plan.head_phantom
        else dcm("113691", "IEC Body Dosimetry Phantom")
    )
    ctdivol = _ctdivol(plan, scale)
    items = [
        num(dcm("113830", "Mean CTDIvol"), ctdivol, "mGy"),
        code(dcm("113835", "CTDIw Phantom Type"), phantom),
        num(dcm("113838", "DLP"), _dlp(plan, scale), "mGy.cm"),
    ]
    if dose_check and plan.kind == SPIRAL:
        items += _dose_check(ctdivol, accumulated_dlp)
    return container(dcm("113829", "CT Dose"), items)


def _dose_check(ctdivol: float, accumulated_dlp: float) -> list[Dataset]:
    """TID 10015, CT Dose Check Details: the alert was reached and the operator went on."""
    alert = [
        code(dcm("113901", "DLP Alert Value Configured"), YES),
        code(dcm("113902", "CTDIvol Alert Value Configured"), YES),
        num(dcm("113903", "DLP Alert Value"), 200, "mGy.cm"),
        num(dcm("113904", "CTDIvol Alert Value"), 5, "mGy"),
        num(dcm("113905", "Accumulated DLP Forward Estimate"), accumulated_dlp, "mGy.cm"),
        num(dcm("113906", "Accumulated CTDIvol Forward Estimate"), ctdivol, "mGy"),
        text(dcm("113907", "Reason for Proceeding"), "Clinical question needs this noise level"),
        person(
            dcm("113870", "Person Name"),
            "Operator^Alex",
            code(
                dcm("113875", "Person Role in Procedure"),
                dcm("113850", "Irradiation Authorizing"),
                relationship=HAS_PROPERTIES,
            ),
        ),
    ]
    notification = [
        code(dcm("113909", "DLP Notification Value Configured"), NO),
        code(dcm("113910", "CTDIvol Notification Value Configured"), NO),
    ]
    return [
        container(dcm("113900", "Dose Check Alert Details"), alert),
        container(dcm("113908", "Dose Check Notification Details"), notification),
    ]


def _ctdivol(plan: Acquisition, scale: float) -> float:
    return round((plan.ctdivol_mgy or 0) * scale, 2)


def _dlp(plan: Acquisition, scale: float) -> float:
    return round(_ctdivol(plan, scale) * plan.length_mm / 10, 2)
