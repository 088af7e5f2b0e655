"""Reading objects before the transaction opens: from messages to documents or errors, one by one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.importer.extract import extract
from shared.broker.consumer import Delivery
from shared.errors import DosewireError, ObjectMissing, Retriable, UnreadableObject
from shared.logging import get_logger
from shared.messages import ImportObject
from shared.spool.folders import Spool
from shared.stored_study.columns import storable

log = get_logger(__name__)

_MAX_UID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message with its document, or with the error that its file gave, or with neither (nothing left to read)."""

    message: ImportObject
    attempt: int
    document: Mapping[str, Any] | None = None
    error: Exception | None = None
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether there is a document that holds dose."""
        return self.document is not None and bool(self.document["outcome"]["accepted"])

    @property
    def study_instance_uid(self) -> str | None:
        """The study that the object belongs to, where it holds dose."""
        return str(self.document["study"]["study_instance_uid"]) if self.document and self.accepted else None


def prepare(delivery: Delivery[ImportObject], spool: Spool) -> Prepared:
    """Read the object of a message; whatever goes wrong is that message's error and no other's."""
    begun = time.monotonic()
    document: Mapping[str, Any] | None = None
    error: Exception | None = None
    try:
        path = spool.find(delivery.message.trace_id)
        if path is None:
            raise ObjectMissing("the file is not in the spool")  # noqa: TRY301 (one place turns errors into outcomes)
        document = _read(path)
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
    return Prepared(
        message=delivery.message,
        attempt=delivery.attempt,
        document=document,
        error=error,
        seconds=time.monotonic() - begun,
    )


def _read(path: Path) -> Mapping[str, Any]:
    document: dict[str, Any] = storable(extract(path).to_json())
    if document["outcome"]["accepted"]:
        for name, uid in (
            ("SOP Instance UID", document["object"].get("sop_instance_uid")),
            ("Study Instance UID", document["study"].get("study_instance_uid")),
        ):
            if not uid:
                raise UnreadableObject(f"the object has no {name}, so it cannot be told from others")
            if len(uid) > _MAX_UID:
                raise UnreadableObject(f"the object's {name} has {len(uid)} characters, the standard allows {_MAX_UID}")
    return document
