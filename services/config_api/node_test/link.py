"""An association with a remote node that is to be tested, with a deadline that no peer can outlast."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association

from services.config_api.echo import Heard, explain_connection_error, explain_refusal
from services.config_api.node_test.outcome import Plan
from shared.dicom.entity import ClosingEntity
from shared.dicom.reactor import stopped_reactor

VERIFICATION = UID("1.2.840.10008.1.1")
FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")
PENDING = frozenset((0xFF00, 0xFF01))


class NoAssociation(Exception):
    """There is none; the text says why."""


class Link:
    """An open association. What is asked of one that is gone has no answer, and raises nothing."""

    def __init__(self, *, association: Association) -> None:
        self.association = association
        # Each its own: a C-CANCEL that comes too late for its request must not end the next one.
        self._message_ids = itertools.count(1)

    def accepts(self, sop_class: UID) -> bool:
        """Tell whether the peer has accepted a SOP class."""
        return any(context.abstract_syntax == sop_class for context in self.association.accepted_contexts)

    def echo(self) -> int | None:
        """Send a C-ECHO; return its status, None where there was none."""
        with suppress(RuntimeError):  # the association is gone
            status = self.association.send_c_echo().get("Status")
            return None if status is None else int(status)
        return None

    def first_answers(self, keys: Dataset, *, most: int) -> tuple[list[Dataset], int | None]:
        """Send a C-FIND; return its first answers and the final status, None where there was none.

        After `most` answers the peer is asked to stop (C-CANCEL), and what comes is not kept any more.
        """
        found: list[Dataset] = []
        message_id = next(self._message_ids)
        with suppress(RuntimeError):  # the association is gone
            for response, answer in self.association.send_c_find(keys, FIND, msg_id=message_id):
                status = response.get("Status")
                if status not in PENDING:
                    return found, status
                if len(found) < most and answer is not None:
                    found.append(answer)
                    if len(found) == most:
                        self.association.send_c_cancel(message_id, query_model=FIND)
        return found, None

    def move(self, keys: Dataset, *, destination: str) -> Dataset | None:
        """Send a C-MOVE; return its final response, None where there was none."""
        message_id = next(self._message_ids)
        with suppress(RuntimeError):  # the association is gone
            for response, _ in self.association.send_c_move(keys, destination, MOVE, msg_id=message_id):
                if "Status" in response and response.Status not in PENDING:
                    return response
        return None


@contextmanager
def linked(plan: Plan, sop_classes: Sequence[UID]) -> Iterator[Link]:
    """Open an association for the block; after `plan.acse + plan.answers` seconds it is cut.

    Raises:
        NoAssociation: the peer does not accept one.
    """
    target, heard = plan.target, Heard()
    sockets: list[socket.socket] = []

    def connected(event: evt.Event) -> None:
        transport = event.assoc.dul.socket
        if transport is not None and transport.socket is not None:
            sockets.append(transport.socket)

    def cut() -> None:
        """Wake pynetdicom's reader, which waits for ever for the rest of a PDU."""
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(plan.acse + plan.answers, cut)
    with ClosingEntity(ae_title=target.calling_ae_title) as entity:
        entity.connection_timeout = plan.connect
        entity.acse_timeout = plan.acse
        entity.dimse_timeout = entity.network_timeout = plan.answers
        entity.maximum_pdu_size = plan.max_pdu_bytes
        for sop_class in sop_classes:
            entity.add_requested_context(sop_class)
        timer.start()
        try:
            try:
                association = entity.associate(
                    target.host,
                    target.port,
                    ae_title=target.called_ae_title,
                    evt_handlers=[*heard.handlers, (evt.EVT_CONN_OPEN, connected)],
                )
            except OSError as error:
                raise NoAssociation(explain_connection_error(error, target, plan.connect)) from None
            if not association.is_established:
                raise NoAssociation(explain_refusal(heard, target, plan.acse))
            try:
                with stopped_reactor(association):
                    yield Link(association=association)
                association.release()
            finally:
                association.abort()  # nothing happens where it is released
        finally:
            timer.cancel()
