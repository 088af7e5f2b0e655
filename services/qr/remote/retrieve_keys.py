"""The identifier of a retrieval: the unique keys of a study, a series or an instance (PS3.4 section C.4.2.1.4)."""

from pydicom.dataset import Dataset


def retrieve_keys(
    study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
) -> Dataset:
    """Return the identifier for the retrieval of a study, of a series of it, or of one instance of that."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = study_instance_uid
    if series_instance_uid is not None:
        keys.QueryRetrieveLevel = "SERIES"
        keys.SeriesInstanceUID = series_instance_uid
    if sop_instance_uid is not None:
        keys.QueryRetrieveLevel = "IMAGE"
        keys.SOPInstanceUID = sop_instance_uid
    return keys
