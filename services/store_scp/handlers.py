"""What a node does on pynetdicom's events: store objects, answer echoes, and say in the log who came and what for."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from services.store_scp.association import address_of
from services.store_scp.server import Handlers
from services.store_scp.store_request import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    SUCCESS,
    StoreRequest,
    problem_of,
    store,
)
from shared.logging import get_logger
from shared.spool import Spool

PROBE_AE_TITLE = "DOSEWIREPROBE"
"""The calling AE title with which the supervisor looks whether a node answers; its visits are not news."""

log = get_logger(__name__)

_REJECTIONS: dict[tuple[int | None, int | None], str] = {
    (1, 1): "no reason given",
    (1, 2): "application context name not supported",
    (1, 3): "calling AE title not recognised",
    (1, 7): "called AE title not recognised",
    (2, 1): "no reason given",
    (2, 2): "protocol version not supported",
    (3, 1): "temporary congestion",
    (3, 2): "local limit of associations exceeded",
}
"""By result source and diagnostic (PS3.8 table 9-21)."""


class NodeHandlers:
    """The event handlers of one node. Safe to be called by several associations at the same time.

    Args:
        node: the node's friendly name, which becomes part of each object's reception data.
        spool: where objects go.
        announce: told the trace id of each object that is safe; must not block.
    """

    def __init__(self, *, node: str, spool: Spool, announce: Callable[[str], None]) -> None:
        self._node = node
        self._spool = spool
        self._announce = announce

    def bindings(self) -> Handlers:
        """Return the events and their handlers, as the server wants them."""
        return [
            (evt.EVT_C_STORE, self.on_store),
            (evt.EVT_C_ECHO, self.on_echo),
            (evt.EVT_ACCEPTED, self.on_accepted),
            (evt.EVT_REJECTED, self.on_rejected),
            (evt.EVT_RELEASED, self.on_released),
            (evt.EVT_ABORTED, self.on_aborted),
            (evt.EVT_CONN_CLOSE, self.on_closed),
        ]

    def on_store(self, event: evt.Event) -> int | Dataset:
        """Answer a C-STORE request: Success when the object is durable, else why it is not."""
        message = cast("C_STORE", event.request)
        request = _request(event, message)
        with (message.DataSet or BytesIO()).getbuffer() as data_set:
            problem = problem_of(request, size=len(data_set))
            if problem:
                log.warning("object refused", reason=problem, **_peer(event.assoc))
                return _failure(CANNOT_UNDERSTAND, problem)
            try:
                trace_id = store(request, data_set, node=self._node, spool=self._spool)
            except OSError as error:
                log.error("object not stored", error=str(error), sop_instance_uid=request.sop_instance_uid)
                return _failure(OUT_OF_RESOURCES, error.strerror or "the object could not be written")
            size = len(data_set)
        self._announce(trace_id)
        log.debug("object stored", trace_id=trace_id, bytes=size, **_peer(event.assoc))
        return SUCCESS

    def on_echo(self, event: evt.Event) -> int:
        """Answer a C-ECHO request."""
        _tell(event.assoc, "echo")
        return SUCCESS

    def on_accepted(self, event: evt.Event) -> None:
        """Log an association that was accepted."""
        _tell(event.assoc, "association accepted")

    def on_rejected(self, event: evt.Event) -> None:
        """Log an association that was rejected, and why."""
        asked, answer = event.assoc.requestor.primitive, event.assoc.acceptor.primitive
        reason = _REJECTIONS.get((answer.result_source, answer.diagnostic)) if answer else None
        called = asked.called_ae_title if asked else None
        log.warning("association rejected", reason=reason, called_ae_title=called, **_peer(event.assoc))

    def on_released(self, event: evt.Event) -> None:
        """Log an association that its requestor has released."""
        _tell(event.assoc, "association released")

    def on_aborted(self, event: evt.Event) -> None:
        """Log an association that ended without a release."""
        log.warning("association aborted", **_peer(event.assoc))

    def on_closed(self, event: evt.Event) -> None:
        """End at once the threads of a connection that was closed before it asked for an association."""
        if event.assoc.requestor.primitive is None:
            provider = cast("Any", event.assoc.dul)
            provider.to_user_queue.put(None)  # as if the ACSE time-out had passed


def _request(event: evt.Event, message: C_STORE) -> StoreRequest:
    address, port = address_of(event.assoc)
    return StoreRequest(
        sop_class_uid=message.AffectedSOPClassUID,
        sop_instance_uid=message.AffectedSOPInstanceUID,
        transfer_syntax_uid=event.context.transfer_syntax,
        message_id=message.MessageID or 0,
        calling_ae_title=event.assoc.requestor.ae_title.strip(),
        called_ae_title=event.assoc.acceptor.ae_title.strip(),
        peer_address=address,
        peer_port=port,
        move_originator_ae_title=message.MoveOriginatorApplicationEntityTitle or None,
        move_originator_message_id=message.MoveOriginatorMessageID,
    )


def _failure(status: int, comment: str) -> Dataset:
    answer = Dataset()
    answer.Status = status
    answer.ErrorComment = comment[:64]
    return answer


def _peer(association: Association) -> dict[str, str]:
    requested = association.requestor.primitive
    calling = requested.calling_ae_title if requested else None
    return {"calling_ae_title": calling or "", "peer": address_of(association)[0]}


def _tell(association: Association, event: str) -> None:
    peer = _peer(association)
    listening = association.acceptor.address_info
    from_here = peer["peer"] in {"127.0.0.1", "::1", listening.address if listening else ""}
    level = "debug" if peer["calling_ae_title"].strip() == PROBE_AE_TITLE and from_here else "info"
    getattr(log, level)(event, **peer)
