"""Values of forwarding: kinds of objects, the store node as target, the answer to an object, and counts of these."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from pydicom.uid import UID

from services.qr.remote.archive import Limits
from services.qr.remote.peer import Peer
from services.qr.remote.status import is_stored, is_stored_with_warning
from shared.dicom.status import DOES_NOT_MATCH_SOP_CLASS, SOP_CLASS_NOT_SUPPORTED


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """The SOP class and the transfer syntax of an object: they decide the presentation context."""

    sop_class_uid: str
    transfer_syntax_uid: str

    def __str__(self) -> str:
        return f"{UID(self.sop_class_uid).name} in {UID(self.transfer_syntax_uid).name}"


@dataclass(frozen=True, slots=True)
class PassingOn:
    """The store node to which objects are passed on."""

    to: Peer
    """Its address, with the calling AE title that is used."""
    limits: Limits
    """The time limits for it."""
    stop: threading.Event
    """Set when this process shall end."""


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """The answer to the C-STORE of an object: a status (PS3.4 table B.2-1), and a failure in words."""

    status: int
    words: str = ""

    @property
    def lasts(self) -> bool:
        """True if the store node would give the same answer again."""
        return self.status == SOP_CLASS_NOT_SUPPORTED or self.status & 0xFF00 == DOES_NOT_MATCH_SOP_CLASS


@dataclass(slots=True)
class ForwardedCounts:
    """The numbers of objects that the store node has taken and refused."""

    sent: int = 0
    """Taken without a warning."""
    warned: int = 0
    """Taken with a warning."""
    refused: Counter[str] = field(default_factory=Counter)
    """Not taken, by the reason in words."""
    may_pass: bool = False
    """True if the store node may accept one of those later."""

    def add(self, answer: StoreAnswer) -> None:
        """Count the answer to an object."""
        if is_stored(answer.status):
            self.sent += 1
        elif is_stored_with_warning(answer.status):
            self.warned += 1
        else:
            self.refused[answer.words] += 1
            self.may_pass |= not answer.lasts
