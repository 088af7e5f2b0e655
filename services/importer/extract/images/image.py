"""An image whose header tells its dose, as a document."""

from services.importer.extract.fields.collect import Values, Warnings
from services.importer.extract.header.study import meaning, object_part, study_part
from services.importer.extract.images.exposure import mammography_part, radiography_part
from services.importer.extract.images.nuclear import nm_image_part
from services.importer.extract.images.philips_ct import philips_ct_part
from services.importer.extract.tables.images import REQUESTED_PROCEDURE_IN_STUDY_DESCRIPTION
from shared.dicom.dataset import DataSet
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import ObjectHeader
from shared.dose_document.document import DoseDocument, refused

_PROCEDURE_CODE_SEQUENCE = 0x00081032


def read_image(kind: DoseObjectKind, header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> DoseDocument:
    """Return the document of an image of this kind."""
    nuclear = kind is DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER
    study = study_part(header, attributes, warnings, fall_back=nuclear)
    xray = mg = ct = nm = None
    if kind is DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER:
        study["modality"] = "DX"
        _describe(study, attributes)
        xray = radiography_part(header, attributes, warnings)
    elif kind is DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER:
        study["modality"] = "MG"
        _describe(study, attributes)
        mg = mammography_part(header, attributes, warnings)
    elif kind is DoseObjectKind.PHILIPS_CT_DOSE_INFO_IMAGE:
        study["modality"] = "CT"
        study["study_description_object"] = study["study_description"]
        study["study_description"] = study["protocol_name"] or study["study_description"]
        ct = philips_ct_part(header, attributes, warnings)
    else:
        study["modality"] = "NM"
        nm = nm_image_part(header, attributes, study["study_date"], warnings)
    if nm is not None and not nm["administrations"] and "pet_series" not in nm:
        return refused(
            "nuclear medicine image without radiopharmaceutical information",
            object_=object_part(header, attributes),
            study=study,
            warnings=warnings.all(),
        )
    return DoseDocument(
        object=object_part(header, attributes),
        study=study,
        xray=xray,
        mg=mg,
        ct=ct,
        nm=nm,
        outcome={"accepted": True, "object_kind": kind, "warnings": warnings.all()},
    )


def _describe(study: Values, attributes: DataSet) -> None:
    """Fill study description and requested procedure from where radiography devices put them instead."""
    model = (study["model"] or "").upper()
    if not study["requested_procedure"] and any(name in model for name in REQUESTED_PROCEDURE_IN_STUDY_DESCRIPTION):
        study["requested_procedure"] = study["study_description"]
    study["study_description"] = (
        study["study_description"] or study["series_description"] or meaning(attributes, _PROCEDURE_CODE_SEQUENCE)
    )
