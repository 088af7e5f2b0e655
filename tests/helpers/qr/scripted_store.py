"""A Store SCP of a third party whose answers a test writes, in threads of the test."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, evt

from tools.pacs.server import VERIFICATION
from tools.stack.ports import LOOPBACK, free_port

COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"

Answer = Callable[[evt.Event], int | Dataset]


def takes(event: evt.Event) -> int:
    """Take every object."""
    return 0x0000


def refuses(status: int, comment: str = "") -> Answer:
    """Return an answer that takes none."""

    def answer(event: evt.Event) -> Dataset:
        said = Dataset()
        said.Status = status
        if comment:
            said.ErrorComment = comment
        return said

    return answer


def drops(event: evt.Event) -> int:
    """Drop the association in place of an answer."""
    event.assoc.abort()
    return 0x0000


class ScriptedStore:
    """A context manager.

    Args:
        answer: to each C-STORE.
        sop_classes: what it takes.
        require_calling: calling AE titles that it takes; empty: all.
        require_called: whether it has to be called by its own AE title.
        over: set when the test ends: answers that wait for it give up.
    """

    def __init__(
        self,
        *,
        answer: Answer = takes,
        sop_classes: Sequence[str] = (COMPUTED_RADIOGRAPHY,),
        require_calling: Sequence[str] = (),
        require_called: bool = False,
        over: threading.Event | None = None,
    ) -> None:
        self.ae_title = "DOSEWIRE"
        self.port = free_port()
        self._over = over
        self.calling_ae_titles: list[str] = []
        self.received: list[str] = []
        """SOP Instance UIDs, in the order in which they came."""
        self._answer = answer
        self._entity = AE(ae_title=self.ae_title)
        self._entity.require_calling_aet = list(require_calling)
        self._entity.require_called_aet = require_called
        for sop_class in (VERIFICATION, *map(UID, sop_classes)):
            self._entity.add_supported_context(sop_class, EXPLICIT_VR_LITTLE_ENDIAN)

    def __enter__(self) -> "ScriptedStore":
        handlers: list[Any] = [(evt.EVT_ACCEPTED, self._accepted), (evt.EVT_C_STORE, self._stored)]
        self._server = self._entity.start_server((LOOPBACK, self.port), block=False, evt_handlers=handlers)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._over is not None:
            self._over.set()
        self._entity.shutdown()

    def _accepted(self, event: evt.Event) -> None:
        self.calling_ae_titles.append(str(event.assoc.requestor.ae_title).strip())

    def _stored(self, event: evt.Event) -> int | Dataset:
        self.received.append(str(getattr(event.request, "AffectedSOPInstanceUID", "")))
        return self._answer(event)
