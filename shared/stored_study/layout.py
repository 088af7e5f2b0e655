"""The table of each container of a dose document."""

from typing import Final

from sqlalchemy import Table

from shared.database.models import (
    AccumulatedDose,
    Administration,
    Base,
    CtIrradiation,
    CtXRaySource,
    Equipment,
    IrradiationEvent,
    OrganDose,
    PatientCharacteristics,
    PetSeries,
    Report,
    Study,
    StudyPart,
    XRayFilter,
    XRayIrradiation,
)
from shared.stored_study.columns import Container


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    return Base.metadata.tables[model.__tablename__]


_OBJECT_KEYS: Final = (
    "sop_instance_uid",
    "sop_class_uid",
    "sop_class",
    "series_instance_uid",
    "transfer_syntax_uid",
    "specific_character_set",
    "dicom_modality",
    "document_title_code",
    "document_title",
    "completion_flag",
    "template_id",
)
_CT_TOTALS: Final = (
    "events_count",
    "irradiation_event_count",
    "total_dlp_mgy_cm",
    "total_dlp_phantom",
    "total_dlp_phantom_code",
    "total_effective_dose_msv",
)
_XRAY_TOTALS: Final = ("events_count", "plane_count", "total_dap_gy_m2", "total_rp_dose_gy")
_NM_TOTALS: Final = ("administrations_count", "pet_series_count")
ACQUISITION_KINDS: Final = ("spiral", "sequenced", "stationary", "constant_angle", "other")
_OWN_OF_REPORT: Final = (
    "trace_id",
    "object_kind",
    "is_image",
    "event_keys",
    "event_started_at",
    "exposure",
    "warnings",
    "findings",
    "not_patient",
    "created_at",
)

STUDY: Final = Container(
    table_of(Study),
    own=(
        "part",
        "modality_by_content",
        "not_patient",
        "flags",
        "events_count",
        "total_dlp_mgy_cm",
        "total_dap_gy_m2",
        "total_rp_dose_gy",
        "created_at",
        "updated_at",
    ),
)
EQUIPMENT: Final = Container(
    table_of(Equipment), keys=[name for name in Equipment.IDENTITY if name != "device_observer_uid"]
)
"""The keys of the `study` part that describe the equipment."""
OBJECT: Final = Container(table_of(Report), keys=_OBJECT_KEYS)
SR: Final = Container(
    table_of(Report),
    own=(
        *_OWN_OF_REPORT,
        *_OBJECT_KEYS,
        *_CT_TOTALS,
        *_XRAY_TOTALS,
        *_NM_TOTALS,
        *(f"count_{kind}" for kind in ACQUISITION_KINDS),
    ),
)
TOTALS: Final = {
    StudyPart.CT: Container(table_of(Report), keys=(*_CT_TOTALS, *(f"count_{kind}" for kind in ACQUISITION_KINDS))),
    StudyPart.XRAY: Container(table_of(Report), keys=_XRAY_TOTALS),
    StudyPart.MG: Container(table_of(Report), keys=("events_count",)),
    StudyPart.NM: Container(table_of(Report), keys=_NM_TOTALS),
}
"""The totals of a part, with `count_by_type` as `count_<kind>`."""
ACCUMULATED: Final = Container(table_of(AccumulatedDose))
EVENT: Final = Container(table_of(IrradiationEvent), own=("event_key",))
CT_EVENT: Final = Container(table_of(CtIrradiation))
CT_SOURCE: Final = Container(table_of(CtXRaySource))
XRAY_EVENT: Final = Container(table_of(XRayIrradiation))
XRAY_FILTER: Final = Container(table_of(XRayFilter))
ADMINISTRATION: Final = Container(table_of(Administration))
ORGAN_DOSE: Final = Container(table_of(OrganDose))
PATIENT: Final = Container(table_of(PatientCharacteristics))
PET_SERIES: Final = Container(table_of(PetSeries))
