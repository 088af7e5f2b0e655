"""Reading an object: from an import message to the dose of its object, or to an error."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from services.importer.extract import extract
from services.importer.reading.contribution import Contribution
from services.importer.reading.equipment import EquipmentIdentity, equipment_identity
from services.importer.reading.recognition import contributions_of
from shared.broker.consumer import Delivery
from shared.database.models import StudyPart
from shared.database.types import storable_text
from shared.dose_document.document import DocumentOutcome, DoseDocument
from shared.errors import DosewireError, ObjectMissing, Retriable, UnreadableObject
from shared.logging import get_logger
from shared.messages import ImportObject
from shared.spool.folders import Spool
from shared.stored_study.columns import storable_values

log = get_logger(__name__)

_MAX_UID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseObject:
    """An object that holds dose: its document, and the values derived from it that storing needs."""

    document: DoseDocument
    contributions: Mapping[StudyPart, Contribution]
    equipment: EquipmentIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadObject:
    """A message with the document of its object, or with an error. `dose`: set where the document was accepted."""

    message: ImportObject
    attempt: int
    document: DoseDocument | None = None
    dose: DoseObject | None = None
    error: Exception | None = None
    seconds: float = 0.0


def read_object(delivery: Delivery[ImportObject], spool: Spool) -> ReadObject:
    """Read the object of a message. An error concerns this message and no other."""
    begun = time.monotonic()
    document: DoseDocument | None = None
    dose: DoseObject | None = None
    error: Exception | None = None
    try:
        path = spool.find(delivery.message.trace_id)
        if path is None:
            raise ObjectMissing("the file is not in the spool")  # noqa: TRY301 (one place turns errors into outcomes)
        document = _read(path)
        dose = _dose_of(document) if document.accepted else None
    except FileNotFoundError:
        error = ObjectMissing("the file has left the spool")
    except OSError as unreadable:
        error = Retriable(f"the file cannot be read: {unreadable.strerror}")
    except (MemoryError, RecursionError) as excess:
        error = UnreadableObject(f"reading the object exceeds the limits ({type(excess).__name__})")
    except DosewireError as ours:
        error = ours
    except Exception as unforeseen:
        log.exception("the object cannot be read, for a reason that nobody foresaw")
        error = unforeseen
    return ReadObject(
        message=delivery.message,
        attempt=delivery.attempt,
        document=None if error else document,
        dose=dose,
        error=error,
        seconds=time.monotonic() - begun,
    )


def _read(path: Path) -> DoseDocument:
    document = _storable(extract(path))
    if document.accepted:
        for name, uid in (
            ("SOP Instance UID", document.sop_instance_uid),
            ("Study Instance UID", document.study_instance_uid),
        ):
            if not uid:
                raise UnreadableObject(f"the object has no {name}, so it cannot be told from others")
            if len(uid) > _MAX_UID:
                raise UnreadableObject(f"the object's {name} has {len(uid)} characters, the standard allows {_MAX_UID}")
    return document


def _dose_of(document: DoseDocument) -> DoseObject:
    return DoseObject(
        document=document, contributions=contributions_of(document), equipment=equipment_identity(document)
    )


def _storable(document: DoseDocument) -> DoseDocument:
    """Return a document without what PostgreSQL refuses in a text."""
    return replace(document.changed(storable_values), outcome=_storable_outcome(document.outcome))


def _storable_outcome(outcome: DocumentOutcome) -> DocumentOutcome:
    return replace(
        outcome,
        refusal_reason=outcome.refusal_reason and storable_text(outcome.refusal_reason),
        warnings=[storable_text(warning) for warning in outcome.warnings],
        findings=[finding._replace(detail=storable_text(finding.detail)) for finding in outcome.findings],
        flags=outcome.flags and [{name: storable_text(text) for name, text in flag.items()} for flag in outcome.flags],
    )
