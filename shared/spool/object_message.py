"""The message that has an object imported, made from its header and its reception."""

from shared.dicom.dose_object import NoDose, classify
from shared.dicom.header import ObjectHeader
from shared.messages import HeaderSummary, ImportObject, Reception


def import_object(*, trace_id: str, size_bytes: int, reception: Reception, header: ObjectHeader | None) -> ImportObject:
    """Return the message about an object in the spool; `header` is None where it could not be read."""
    if header is None:
        return ImportObject(trace_id=trace_id, size_bytes=size_bytes, reception=reception)
    verdict = classify(header)
    return ImportObject(
        trace_id=trace_id,
        size_bytes=size_bytes,
        reception=reception,
        header=HeaderSummary(
            sop_class_uid=header.sop_class_uid,
            sop_instance_uid=header.sop_instance_uid,
            study_instance_uid=header.study_instance_uid,
            series_instance_uid=header.series_instance_uid,
            modality=header.modality,
            station_name=header.station_name,
        ),
        object_kind=None if isinstance(verdict, NoDose) else verdict.value,
        refusal_reason=verdict.reason if isinstance(verdict, NoDose) else None,
    )
