"""Reading the dose out of one DICOM object: from a file to a `DoseDocument`, without database or broker."""

from pathlib import Path

from services.importer.extract.fields.problems import Warnings
from services.importer.extract.header.study import object_part, study_part
from services.importer.extract.images.image import read_image
from services.importer.extract.plausibility.checks import flags_of
from services.importer.extract.reports.report import read_report
from shared.dicom.dose_object import NoDose, classify
from shared.dicom.dose_object_kind import DoseObjectKind
from shared.dicom.header import PIXEL_DATA, mapped_file, object_header, read_attributes
from shared.dicom.part10 import open_part10
from shared.dose_document.document import DoseDocument, refused

__all__ = ["DoseDocument", "extract", "unreadable"]

_REPORTS = frozenset(
    (
        DoseObjectKind.X_RAY_DOSE_SR,
        DoseObjectKind.RADIOPHARMACEUTICAL_DOSE_SR,
        DoseObjectKind.SIEMENS_ARCADIS_SUMMARY_SR,
    )
)


def extract(path: Path) -> DoseDocument:
    """Read one object. An object without dose gives a document that is not accepted, with the reason.

    Raises:
        OSError: when the file cannot be read.
        UnreadableObject: when it is not a DICOM object, with the reason in words.
    """
    with mapped_file(path) as data:
        part10 = open_part10(data)
        attributes = read_attributes(part10)
        header = object_header(part10, attributes)
        verdict = classify(header)
        warnings = Warnings()
        if isinstance(verdict, NoDose):
            return refused(
                verdict.reason,
                object_=object_part(header, attributes),
                study=study_part(header, attributes, warnings, fall_back=False),
                warnings=warnings.all(),
            )
        if verdict in _REPORTS:
            return _flagged(read_report(part10, attributes, header, warnings))
        return _flagged(read_image(verdict, header, read_attributes(part10, PIXEL_DATA), warnings))


def _flagged(document: DoseDocument) -> DoseDocument:
    """Say in the outcome what is implausible in an object that holds dose."""
    if document.accepted:
        document.outcome.flags = flags_of(document)
    return document


def unreadable(reason: str) -> DoseDocument:
    """Return the document for a file that cannot be read as a DICOM object."""
    return refused(reason)
