"""The description of an object in the spool: the message to the importers, and the line in the log."""

from pathlib import Path

from shared.dicom.header import ObjectHeader, read_header
from shared.dicom.uid import sop_class_name
from shared.logging import get_logger
from shared.messages import HeaderSummary, ImportObject
from shared.spool.file_meta import read_reception
from shared.spool.object_message import import_object
from shared.spool.trace import traced_at

log = get_logger(__name__)


def describe(path: Path, *, trace_id: str) -> ImportObject:
    """Return the message about an object: its reception, its header, and the kind of dose that it can hold.

    Raises:
        OSError: the file cannot be read, or has been imported in the meantime.
    """
    return import_object(
        trace_id=trace_id,
        size_bytes=path.stat().st_size,
        reception=read_reception(path, otherwise_received_at=traced_at(trace_id)),
        header=_read(path),
    )


def tell(message: ImportObject) -> None:
    """Log the object: its kind and its origin, nothing about the patient."""
    header = message.header or HeaderSummary()
    log.info(
        "object received",
        trace_id=message.trace_id,
        store_node=message.reception.store_node,
        calling_ae_title=message.reception.calling_ae_title,
        station_name=header.station_name,
        modality=header.modality,
        sop_class=sop_class_name(header.sop_class_uid or "") or header.sop_class_uid,
        study_instance_uid=header.study_instance_uid,
        sop_instance_uid=header.sop_instance_uid,
        object_kind=message.object_kind or "no dose object",
    )


def _read(path: Path) -> ObjectHeader | None:
    """Return the header of an object, None where it cannot be read: then the importer finds out why, and says so."""
    try:
        return read_header(path)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 (hostile bytes must not stop other objects)
        reason = f"{type(error).__name__}: {error}"[:200]
        log.warning("object has no readable header; the importer decides", trace_id=path.stem, reason=reason)
        return None
