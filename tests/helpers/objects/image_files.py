"""Small but complete image files, for tests of what carries them rather than of what is in them."""

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def write_image(path: Path, *, side: int = 64, sop_class_uid: str = CT_IMAGE) -> Path:
    """Write a CT image of `side` times `side` pixels (2 bytes each); returns its path."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = sop_class_uid
    image.SOPInstanceUID = generate_uid()
    image.StudyInstanceUID = generate_uid()
    image.SeriesInstanceUID = generate_uid()
    image.PatientName = "Test^Phantom"
    image.PatientID = "test"
    image.Modality = "CT"
    image.StationName = "CT99"
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = side
    image.BitsAllocated = 16
    image.BitsStored = 12
    image.HighBit = 11
    image.PixelRepresentation = 0
    image.PixelData = b"".join((number % 4096).to_bytes(2, "little") for number in range(side * side))
    image.save_as(path, enforce_file_format=True)
    return path
