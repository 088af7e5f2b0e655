"""The study around a report: patient, equipment, identifiers, and the document they stand in."""

from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, XRayRadiationDoseSRStorage, generate_uid

from tools.dose_objects.content import (
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    HAS_PROPERTIES,
    code,
    container,
    dcm,
    moment,
    sct,
    text,
    uidref,
)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """The patient, who is not real."""

    name: str = "Muster^Erika"
    id: str = "DW-0001"
    birth_date: str = "19670412"
    sex: str = "F"
    age: str = "058Y"
    size_m: float = 1.68
    weight_kg: float = 71.5


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """The equipment that irradiated."""

    manufacturer: str
    model: str
    station_name: str
    serial_number: str = "100234"
    software_versions: str = "VA10A"
    institution: str = "Example Hospital"
    department: str = "Radiology"
    location: str = "Room 3"

    @property
    def uid(self) -> str:
        """Its Device Observer UID: the same for the same device."""
        return generate_uid(entropy_srcs=["device", self.manufacturer, self.model, self.serial_number])


@dataclass(frozen=True, kw_only=True)
class Study:
    """Identifiers and times of one examination; what is not given follows from `seed`."""

    seed: int = 0
    started_at: datetime = field(default=datetime(2026, 3, 14, 9, 15, 30, 250000))  # noqa: DTZ001 - DICOM has none
    description: str = ""
    patient: Patient = Patient()
    study_instance_uid: str = ""
    sop_instance_uid: str = ""
    event_uids: tuple[str, ...] = ()

    def uid(self, *what: object) -> str:
        """A UID which follows from the seed and these words."""
        return generate_uid(entropy_srcs=["dosewire sample", str(self.seed), *map(str, what)])

    @property
    def study_uid(self) -> str:
        """The Study Instance UID."""
        return self.study_instance_uid or self.uid("study")

    def event_uid(self, kind: str, index: int) -> str:
        """The Irradiation Event UID of the event with this number, from 0."""
        return self.event_uids[index] if index < len(self.event_uids) else self.uid(kind, "event", index)


def document(
    *, kind: str, template: str, study: Study, equipment: Equipment, content: Items[Dataset], ended_at: datetime
) -> Dataset:
    """The X-Ray Radiation Dose SR with this content (PS3.3, A.35.8)."""
    report = container(dcm("113701", "X-Ray Radiation Dose Report"), content)
    del report.RelationshipType
    template_item = Dataset()
    template_item.MappingResource = "DCMR"
    template_item.TemplateIdentifier = template
    report.ContentTemplateSequence = Sequence([template_item])

    report.SpecificCharacterSet = "ISO_IR 192"
    report.SOPClassUID = XRayRadiationDoseSRStorage
    report.SOPInstanceUID = study.sop_instance_uid or study.uid(kind, "report")
    report.Modality = "SR"
    report.StudyInstanceUID = study.study_uid
    report.StudyID = str(1000 + study.seed)
    report.AccessionNumber = f"DW{study.seed:08d}"
    report.StudyDescription = study.description
    report.SeriesInstanceUID = study.uid(kind, "series")
    report.SeriesNumber = "990"
    report.SeriesDescription = "Dose Report"
    report.InstanceNumber = "1"
    report.ReferencedPerformedProcedureStepSequence = Sequence()
    report.PerformedProcedureCodeSequence = Sequence()
    report.CompletionFlag = "COMPLETE"
    report.VerificationFlag = "UNVERIFIED"
    report.ReferringPhysicianName = ""
    _set_times(report, study.started_at, ended_at)
    _set_patient(report, study.patient)
    _set_equipment(report, equipment)
    return report


def observer_context(equipment: Equipment) -> list[Dataset]:
    """TID 1002 with the device as observer (TID 1004)."""
    return [
        code(dcm("121005", "Observer Type"), dcm("121007", "Device"), relationship=HAS_OBS_CONTEXT),
        uidref(dcm("121012", "Device Observer UID"), equipment.uid, relationship=HAS_OBS_CONTEXT),
        *(
            text(dcm(value, meaning), written, relationship=HAS_OBS_CONTEXT)
            for value, meaning, written in (
                ("121013", "Device Observer Name", equipment.station_name),
                ("121014", "Device Observer Manufacturer", equipment.manufacturer),
                ("121015", "Device Observer Model Name", equipment.model),
                ("121016", "Device Observer Serial Number", equipment.serial_number),
                ("121017", "Device Observer Physical Location During Observation", equipment.location),
            )
        ),
        code(
            dcm("113876", "Device Role in Procedure"),
            dcm("113859", "Irradiating Device"),
            relationship=HAS_OBS_CONTEXT,
        ),
    ]


def has_intent() -> Dataset:
    """That the examination was diagnostic."""
    return code(sct("363703001", "Has Intent"), sct("261004008", "Diagnostic Intent"), relationship=HAS_CONCEPT_MOD)


def scope_of_accumulation(study: Study) -> Dataset:
    """That the totals concern the study."""
    return code(
        dcm("113705", "Scope of Accumulation"),
        dcm("113014", "Study"),
        uidref(dcm("110180", "Study Instance UID"), study.study_uid, relationship=HAS_PROPERTIES),
        relationship=HAS_OBS_CONTEXT,
    )


def irradiation_times(started_at: datetime, ended_at: datetime) -> list[Dataset]:
    """When irradiation started and ended."""
    return [
        moment(dcm("113809", "Start of X-Ray Irradiation"), started_at),
        moment(dcm("113810", "End of X-Ray Irradiation"), ended_at),
    ]


def source_of_dose_information() -> Dataset:
    """That the device itself collected the values."""
    return code(dcm("113854", "Source of Dose Information"), dcm("113856", "Automated Data Collection"))


def write(report: Dataset, path: Path) -> Path:
    """Writes a report as a DICOM file (PS3.10), Explicit VR Little Endian; returns the path."""
    report.file_meta = FileMetaDataset()
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.save_as(path, enforce_file_format=True)
    return path


def _set_times(report: Dataset, started_at: datetime, ended_at: datetime) -> None:
    report.StudyDate = report.SeriesDate = started_at.strftime("%Y%m%d")
    report.StudyTime = report.SeriesTime = started_at.strftime("%H%M%S.%f")
    report.ContentDate = ended_at.strftime("%Y%m%d")
    report.ContentTime = ended_at.strftime("%H%M%S.%f")


def _set_patient(report: Dataset, patient: Patient) -> None:
    report.PatientName = patient.name
    report.PatientID = patient.id
    report.PatientBirthDate = patient.birth_date
    report.PatientSex = patient.sex
    report.PatientAge = patient.age
    report.PatientSize = str(patient.size_m)
    report.PatientWeight = str(patient.weight_kg)


def _set_equipment(report: Dataset, equipment: Equipment) -> None:
    report.Manufacturer = equipment.manufacturer
    report.ManufacturerModelName = equipment.model
    report.StationName = equipment.station_name
    report.DeviceSerialNumber = equipment.serial_number
    report.SoftwareVersions = equipment.software_versions
    report.InstitutionName = equipment.institution
    report.InstitutionalDepartmentName = equipment.department
