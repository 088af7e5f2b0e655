"""The objects of simulated studies, made when they are sent: complete dose reports, and small images."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from tools.dose_objects import Study, ct_report, fluoroscopy_report
from tools.pacs.archive import ENHANCED_SR, RDSR, SimulatedStudy

PIXELS = 4


def objects(
    study: SimulatedStudy, *, series_uid: str | None = None, sop_instance_uids: frozenset[str] | None = None
) -> Iterator[Dataset]:
    """Yield the objects of a study, of one series of it, or those with given UIDs."""
    for index, plan in enumerate(study.plan.series):
        if series_uid is not None and study.series_uid(index) != series_uid:
            continue
        for uid, sop_class in study.instance_uids(index):
            if sop_instance_uids is None or uid in sop_instance_uids:
                data_set = _report(study, sop_class) if plan.modality == "SR" else _image(study)
                data_set.SOPClassUID = sop_class
                data_set.SOPInstanceUID = uid
                data_set.StudyInstanceUID = study.uid
                data_set.SeriesInstanceUID = study.series_uid(index)
                data_set.Modality = plan.modality
                data_set.SeriesNumber = plan.number
                data_set.SeriesDescription = plan.description or ""
                data_set.InstanceNumber = int(uid.rpartition(".")[2])
                data_set.StationName = study.plan.station_name
                data_set.StudyDescription = study.plan.description
                data_set.StudyDate = f"{study.at:%Y%m%d}"
                data_set.StudyTime = f"{study.at:%H%M%S}"
                yield data_set


def _report(study: SimulatedStudy, sop_class: str) -> Dataset:
    if sop_class not in (RDSR, ENHANCED_SR):
        empty = Dataset()
        empty.PatientID = f"sim-{study.number}"
        return empty
    of = Study(seed=study.number, started_at=study.at)
    return (fluoroscopy_report if study.kind.startswith("fl") else ct_report)(study=of)


def _image(study: SimulatedStudy) -> Dataset:
    image = Dataset()
    image.PatientID = f"sim-{study.number}"
    image.PatientName = "Test^Phantom"
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = PIXELS
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    image.PixelData = bytes(2 * PIXELS * PIXELS)
    return image
