"""Small studies to fill a PACS with: only what query and retrieve look at."""

from datetime import date, timedelta

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"


def small_study(*, study_date: date, modality: str = "CR", instances: int = 1) -> list[Dataset]:
    """Return the objects of a study with one series of tiny images."""
    study_uid, series_uid = generate_uid(), generate_uid()
    return [
        _image(study_uid, series_uid, number=number, study_date=study_date, modality=modality)
        for number in range(1, instances + 1)
    ]


def small_studies(count: int, *, first_day: date, per_day: int = 10) -> list[list[Dataset]]:
    """Return `count` studies, `per_day` of them a day."""
    return [small_study(study_date=first_day + timedelta(days=number // per_day)) for number in range(count)]


def image_beside(header: Dataset, *, modality: str) -> Dataset:
    """Return a tiny image of the study and the patient that a header speaks of, in a series of its own."""
    image = _image(header.StudyInstanceUID, generate_uid(), number=1, study_date=date(2026, 3, 10), modality=modality)
    image.PatientID, image.StudyDate = header.get("PatientID", ""), header.get("StudyDate", "")
    image.SeriesDescription = "Image"
    return image


def uid_of(study: list[Dataset]) -> str:
    """Return the Study Instance UID of a study."""
    return str(study[0].StudyInstanceUID)


def _image(study_uid: str, series_uid: str, *, number: int, study_date: date, modality: str) -> Dataset:
    image = Dataset()
    image.SOPClassUID = COMPUTED_RADIOGRAPHY
    image.SOPInstanceUID = generate_uid()
    image.StudyInstanceUID = study_uid
    image.SeriesInstanceUID = series_uid
    image.PatientID = f"test-{study_uid[-12:]}"
    image.PatientName = "Test^Phantom"
    image.PatientBirthDate = ""
    image.PatientSex = ""
    image.StudyDate = f"{study_date:%Y%m%d}"
    image.StudyTime = "120000"
    image.AccessionNumber = ""
    image.ReferringPhysicianName = ""
    image.StudyID = "1"
    image.Modality = modality
    image.SeriesNumber = 1
    image.InstanceNumber = number
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = 4
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    image.PixelData = bytes(32)
    return image
