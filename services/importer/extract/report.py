"""A radiation dose structured report as a document: which containers it has decides what it is."""

from services.importer.extract import philips, siemens
from services.importer.extract.collect import Place, Values, Warnings, collect, mark_derived
from services.importer.extract.content_tree import ContentItem, ContentTreeReader
from services.importer.extract.ct import ct_part
from services.importer.extract.document import DoseDocument
from services.importer.extract.modality import is_mammography, projection_class
from services.importer.extract.projection import mg_part, xray_part
from services.importer.extract.study import object_part, study_part
from services.importer.extract.tables import report as tables
from shared.dicom.dataset import DataSet
from shared.dicom.dose_object import DoseObjectKind
from shared.dicom.header import ObjectHeader
from shared.dicom.part10 import Part10

Containers = dict[str, list[tuple[Place, ContentItem]]]


def read_report(part10: Part10, attributes: DataSet, header: ObjectHeader, warnings: Warnings) -> DoseDocument:
    """Return the document of a report with title 113701.

    The template that it names is not asked: devices leave it out, the containers do not lie.

    Raises:
        UnreadableObject: when its content cannot be read, with the reason in words.
    """
    reader = ContentTreeReader(attributes.encodings)
    root = reader.read(part10.source, part10.start, part10.end)
    for problem in reader.problems:
        warnings.add(None, problem)
    study = study_part(header, attributes, warnings, fall_back=True)
    sr = collect(root, tables.SR, warnings)
    position = siemens.patient_position(sr.get("comment"))
    if position:
        mark_derived(sr, patient_position_xml=position)
    found = _containers(root)
    parts: dict[str, Values] = {}
    kind, reason = None, None
    if found["ct.accumulated"] or found["ct.event"]:
        kind = DoseObjectKind.CT_DOSE_SR
        parts["ct"] = ct_part(found["ct.accumulated"], found["ct.event"], warnings)
        study["modality"] = "CT"
    if found["xray.accumulated"] or found["xray.event"]:
        kind = DoseObjectKind.PROJECTION_DOSE_SR
        if is_mammography(sr):
            kind = DoseObjectKind.MG_DOSE_SR
            parts["mg"] = mg_part(found["xray.accumulated"], found["xray.event"], warnings)
            study["modality"] = "MG"
        else:
            parts["xray"] = xray_part(found["xray.accumulated"], found["xray.event"], warnings)
            study["modality"] = projection_class(sr, parts["xray"], study["model"])
            philips.add_collimated_field(parts["xray"]["events"])
            if position:
                siemens.add_patient_position(parts["xray"]["events"], position)
    if kind is None:
        reason = "dose report without CT or projection X-ray dose data"
    return DoseDocument(
        object=object_part(header, attributes),
        study=study,
        sr=sr,
        outcome={
            "accepted": kind is not None,
            "object_kind": kind,
            "refusal_reason": reason,
            "warnings": warnings.all(),
        },
        **parts,
    )


def _containers(root: ContentItem) -> Containers:
    """Return the containers of the root that are read, by the name of their template."""
    found: Containers = {row.name: [] for row in tables.CONTAINERS.rows}
    for position, item in enumerate(root.children, 1):
        row = tables.CONTAINERS.find(item.concept) if item.concept else None
        if row:
            found[row.name].append((Place(None, item, position), item))
    return found
