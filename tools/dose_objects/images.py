"""Generated headers of images with dose, and a radiopharmaceutical dose report."""

from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalMammographyXRayImageStorageForProcessing,
    DigitalXRayImageStorageForPresentation,
    PositronEmissionTomographyImageStorage,
    RadiopharmaceuticalRadiationDoseSRStorage,
    SecondaryCaptureImageStorage,
)

from tools.dose_objects import Study, ct_report
from tools.dose_objects.content import code, container, dcm, moment, num, sct, uidref

MAMMOGRAM = DigitalMammographyXRayImageStorageForPresentation
MAMMOGRAM_FOR_PROCESSING = DigitalMammographyXRayImageStorageForProcessing
PROJECTION = SecondaryCaptureImageStorage
"""Of a tomosynthesis, as Hologic stores it."""
FLUORODEOXYGLUCOSE = sct("35321007", "Fluorodeoxyglucose F^18^")


def mammogram(study: Study, number: int, *, second: int, side: str = "L", sop_class_uid: str = MAMMOGRAM) -> Dataset:
    """Return the image of one exposure; `number` makes its SOP Instance UID, `second` says when it was."""
    image = _image(study, number, sop_class_uid, "MG")
    image.ImageType = ["ORIGINAL", "PRIMARY"]
    image.AcquisitionTime = f"{study.started_at:%H%M}{second:02}"
    image.ImageLaterality = image.Laterality = side
    image.KVP = "28"
    image.ExposureInuAs = "60000"
    image.OrganDose = "0.0125"
    return image


def radiograph(study: Study, number: int, *, event_uid: str, at: datetime) -> Dataset:
    """Return the image of one exposure that knows its Irradiation Event UID."""
    image = _image(study, number, DigitalXRayImageStorageForPresentation, "DX")
    image.AcquisitionTime = at.strftime("%H%M%S.%f")
    image.IrradiationEventUID = event_uid
    image.ImageAndFluoroscopyAreaDoseProduct = "1.5"
    return image


def pet_image(study: Study, number: int, *, series: str) -> Dataset:
    """Return an image of a PET series."""
    image = _image(study, number, PositronEmissionTomographyImageStorage, "PT")
    image.SeriesInstanceUID = study.uid("series", series)
    image.SeriesDate, image.SeriesTime = image.StudyDate, f"11000{len(series)}"
    image.NumberOfSlices = 400
    agent = Dataset()
    agent.RadiopharmaceuticalCodeSequence = Sequence([_code_of(FLUORODEOXYGLUCOSE)])
    agent.RadionuclideTotalDose = "350000000"
    agent.RadiopharmaceuticalStartTime = "100800"
    image.RadiopharmaceuticalInformationSequence = Sequence([agent])
    return image


def radiopharmaceutical_report(study: Study, number: int, *administrations: int) -> Dataset:
    """Return a dose report (TID 10021) of these administrations of the study."""
    report = ct_report(study=study, events=0)
    report.SOPClassUID = RadiopharmaceuticalRadiationDoseSRStorage
    report.SOPInstanceUID = study.uid("instance", number)
    report.ConceptNameCodeSequence[0].CodeValue = "113500"
    report.ContentTemplateSequence[0].TemplateIdentifier = "10021"
    report.ContentSequence = Sequence([_administration(study, index) for index in administrations])
    return report


def _administration(study: Study, index: int) -> Dataset:
    return container(
        dcm("113502", "Radiopharmaceutical Administration"),
        [
            code(sct("349358000", "Radiopharmaceutical agent"), FLUORODEOXYGLUCOSE),
            uidref(dcm("113503", "Radiopharmaceutical Administration Event UID"), study.uid("administration", index)),
            moment(
                dcm("123003", "Radiopharmaceutical Start DateTime"), study.started_at.replace(hour=10, minute=index)
            ),
            num(dcm("113507", "Administered activity"), 350.0, "MBq"),
        ],
    )


def _image(study: Study, number: int, sop_class_uid: str, modality: str) -> Dataset:
    image = Dataset()
    image.SOPClassUID = sop_class_uid
    image.SOPInstanceUID = study.uid("instance", number)
    image.StudyInstanceUID = study.study_uid
    image.SeriesInstanceUID = study.uid("series", modality)
    image.Modality = modality
    image.StudyDate = image.AcquisitionDate = study.started_at.strftime("%Y%m%d")
    image.StudyTime = study.started_at.strftime("%H%M%S")
    image.PatientName, image.PatientID = study.patient.name, study.patient.id
    image.Manufacturer, image.StationName = "Example Medical", "IMG01"
    return image


def _code_of(concept: object) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = (
        getattr(concept, name) for name in ("value", "scheme_designator", "meaning")
    )
    return item
