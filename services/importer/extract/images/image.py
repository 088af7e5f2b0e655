"""The dose document of an image whose header states its dose."""

from services.importer.extract.fields.problems import Warnings
from services.importer.extract.header.study import meaning, object_part, study_part
from services.importer.extract.images.exposure import mammography_dose, radiography_dose
from services.importer.extract.images.nuclear import nuclear_image_dose
from services.importer.extract.images.philips_ct import philips_ct_dose
from services.importer.extract.tables.images import REQUESTED_PROCEDURE_IN_STUDY_DESCRIPTION
from shared.dicom.dataset import DataSet
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import ObjectHeader
from shared.dose_document.document import DocumentOutcome, DoseDocument, refused
from shared.dose_document.values import Values, text_of

_PROCEDURE_CODE_SEQUENCE = 0x00081032


def read_image(kind: DoseObjectKind, header: ObjectHeader, attributes: DataSet, warnings: Warnings) -> DoseDocument:
    """Return the document of an image of this kind."""
    nuclear = kind is DoseObjectKind.NUCLEAR_MEDICINE_IMAGE_HEADER
    study = study_part(header, attributes, warnings, fall_back=nuclear)
    document = DoseDocument(
        object=object_part(header, attributes),
        study=study,
        outcome=DocumentOutcome(accepted=True, object_kind=kind),
    )
    if kind is DoseObjectKind.RADIOGRAPHY_IMAGE_HEADER:
        study["modality"] = "DX"
        _describe(study, attributes)
        document.xray = radiography_dose(header, attributes, warnings)
    elif kind is DoseObjectKind.MAMMOGRAPHY_IMAGE_HEADER:
        study["modality"] = "MG"
        _describe(study, attributes)
        document.mg = mammography_dose(header, attributes, warnings)
    elif kind is DoseObjectKind.PHILIPS_CT_DOSE_INFO_IMAGE:
        study["modality"] = "CT"
        study["study_description_object"] = study["study_description"]
        study["study_description"] = study["protocol_name"] or study["study_description"]
        document.ct = philips_ct_dose(header, attributes, warnings)
    else:
        study["modality"] = "NM"
        document.nm = nuclear_image_dose(header, attributes, text_of(study, "study_date"), warnings)
        if not document.nm.administrations and not document.nm.pet_series:
            reason = "nuclear medicine image without radiopharmaceutical information"
            return refused(reason, object_=document.object, study=study, warnings=warnings.all())
    document.outcome.warnings, document.outcome.findings = warnings.all(), warnings.findings
    return document


def _describe(study: Values, attributes: DataSet) -> None:
    """Fill study description and requested procedure from where radiography devices put them instead."""
    model = (text_of(study, "model") or "").upper()
    if not study["requested_procedure"] and any(name in model for name in REQUESTED_PROCEDURE_IN_STUDY_DESCRIPTION):
        study["requested_procedure"] = study["study_description"]
    study["study_description"] = (
        study["study_description"] or study["series_description"] or meaning(attributes, _PROCEDURE_CODE_SEQUENCE)
    )
