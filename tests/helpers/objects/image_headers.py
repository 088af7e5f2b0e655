"""Headers of images that tell dose, without pixels."""

from pydicom.dataset import Dataset

from tests.helpers.objects.content_items import code

STORAGE = "1.2.840.10008.5.1.4.1.1."


def image(suffix: str, **header: object) -> Dataset:
    """Return an image of the SOP class whose UID ends so; `header` sets attributes by keyword."""
    dataset = Dataset()
    dataset.SOPClassUID = STORAGE + suffix
    dataset.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.7"
    dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    dataset.StudyDate = "20260314"
    dataset.StudyTime = "091530"
    for keyword, value in header.items():
        setattr(dataset, keyword, value)
    return dataset


def item(**values: object) -> Dataset:
    """Return a sequence item with these attributes."""
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def radiopharmaceutical(**values: object) -> Dataset:
    """Return an item of Radiopharmaceutical Information Sequence: FDG, with what else is given."""
    return item(
        Radiopharmaceutical="FDG",
        RadionuclideHalfLife="6586.2",
        RadionuclideCodeSequence=[code("C-111A1", "^18^Fluorine", "SRT")],
        **values,
    )
