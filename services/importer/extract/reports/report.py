"""The dose document of a dose report. The containers in the report decide its kind."""

from dataclasses import dataclass

from services.importer.extract.fields.collect import collect, mark_derived
from services.importer.extract.fields.content_tree import ContentItem, ContentTreeReader
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.header.study import object_part, study_part
from services.importer.extract.reports import philips, siemens
from services.importer.extract.reports.ct import ct_dose
from services.importer.extract.reports.modality import is_ct, is_mammography, projection_class
from services.importer.extract.reports.projection import arcadis_dose, mammography_dose, xray_dose
from services.importer.extract.reports.radiopharmaceutical import nuclear_dose
from services.importer.extract.tables import arcadis
from services.importer.extract.tables import report as tables
from shared.dicom.dataset import DataSet
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import ObjectHeader
from shared.dicom.part10 import Part10
from shared.dose_document.document import (
    CtDose,
    DocumentOutcome,
    DoseDocument,
    MammographyDose,
    NuclearDose,
    ProjectionDose,
    refused,
)
from shared.dose_document.values import Values, text_of

Containers = dict[str, list[tuple[Place, ContentItem]]]


def read_report(part10: Part10, attributes: DataSet, header: ObjectHeader, warnings: Warnings) -> DoseDocument:
    """Return the document of a report whose title says that it holds dose.

    The template that it names is not looked at: devices leave it out or name a wrong one.

    Raises:
        UnreadableObject: when its content cannot be read, with the reason in words.
    """
    reader = ContentTreeReader(attributes.encodings)
    root = reader.read(part10.source, part10.start, part10.end)
    for problem in reader.problems:
        warnings.add(None, problem)
    study = study_part(header, attributes, warnings, fall_back=True)
    sr = collect(root, tables.SR, warnings)
    parts = _parts(root, sr, text_of(study, "model"), warnings)
    if not parts.kind:
        reason = "dose report without dose data of CT, projection X-ray or a radiopharmaceutical"
        return refused(reason, object_=object_part(header, attributes), study=study, sr=sr, warnings=warnings.all())
    study["modality"] = parts.modality
    return DoseDocument(
        object=object_part(header, attributes),
        study=study,
        sr=sr,
        ct=parts.ct,
        xray=parts.xray,
        mg=parts.mg,
        nm=parts.nm,
        outcome=DocumentOutcome(
            accepted=True, object_kind=parts.kind, warnings=warnings.all(), findings=warnings.findings
        ),
    )


@dataclass(slots=True)
class _Parts:
    """The doses found in the containers of a report; the last kind found is the kind of the report."""

    kind: DoseObjectKind | None = None
    modality: str | None = None
    ct: CtDose | None = None
    xray: ProjectionDose | None = None
    mg: MammographyDose | None = None
    nm: NuclearDose | None = None


def _parts(root: ContentItem, sr: Values, model: str | None, warnings: Warnings) -> _Parts:
    found = _containers(root, "ct" if is_ct(sr) else "xray")
    parts = _Parts()
    if found["nm.administration"]:
        parts.kind, parts.modality = DoseObjectKind.RADIOPHARMACEUTICAL_DOSE_SR, "NM"
        parts.nm = nuclear_dose(found["nm.administration"], found["nm.patient"], warnings)
    if found["ct.accumulated"] or found["ct.event"]:
        parts.kind, parts.modality = DoseObjectKind.CT_DOSE_SR, "CT"
        parts.ct = ct_dose(found["ct.accumulated"], found["ct.event"], warnings)
    accumulated, events = found["xray.accumulated"], found["xray.event"]
    if (accumulated or events) and is_mammography(sr, (item for _, item in accumulated + events)):
        parts.kind, parts.modality = DoseObjectKind.MG_DOSE_SR, "MG"
        parts.mg = mammography_dose(accumulated, events, found["details"], warnings)
    elif accumulated or events:
        parts.kind = DoseObjectKind.PROJECTION_DOSE_SR
        parts.xray = xray_dose(accumulated, events, found["details"], warnings)
        parts.modality = projection_class(sr, parts.xray, model)
        philips.add_collimated_field(parts.xray.events)
        position = siemens.patient_position(text_of(sr, "comment"))
        if position:
            mark_derived(sr, patient_position_xml=position)
            siemens.add_patient_position(parts.xray.events, position)
    elif not parts.kind and (summary := collect(root, arcadis.SUMMARY, warnings)):
        parts.kind, parts.modality = DoseObjectKind.SIEMENS_ARCADIS_SUMMARY_SR, "RF"
        parts.xray = arcadis_dose(sr, summary)
    return parts


def _containers(root: ContentItem, family: str) -> Containers:
    """Return the containers of the root that are read, by the name of their template.

    Those of an enhanced report (TID 10040) are of no `family` by themselves.
    """
    found: Containers = {row.name: [] for row in tables.CONTAINERS.rows}
    for position, item in enumerate(root.children, 1):
        row = tables.CONTAINERS.find(item.concept) if item.concept else None
        if row:
            name = row.name if "." in row.name or row.name == "details" else f"{family}.{row.name}"
            found[name].append((Place(None, item, position), item))
    return found
