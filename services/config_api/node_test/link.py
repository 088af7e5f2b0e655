"""An association with a remote node that is to be tested, with a deadline that no peer can outlast."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom.association import Association

from services.config_api.echo import call_of, explain
from services.config_api.node_test.outcome import Plan
from shared.association.connection import shut_down
from shared.association.opening import NoAssociation, associated
from shared.errors import DosewireError
from shared.tls.files import TlsError

FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")
PENDING = frozenset((0xFF00, 0xFF01))


class NoLink(DosewireError):
    """There is no association; the text says why."""


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
    """Open an association for the block; when all of the plan's times have passed it is cut.

    Raises:
        NoLink: the peer does not accept one.
    """
    try:
        call = call_of(
            plan.target,
            tls=plan.tls,
            connect=plan.connect,
            acse=plan.acse,
            answer=plan.answers,
            max_pdu_bytes=plan.max_pdu_bytes,
        )
        with (
            Deadline(plan.connect + plan.acse + plan.answers) as deadline,
            associated(call, sop_classes, guard=deadline.guard) as association,
        ):
            yield Link(association=association)
    except NoAssociation as error:
        raise NoLink(explain(error, plan.target, connect=plan.connect, acse=plan.acse)) from error
    except TlsError as error:
        raise NoLink(f"cannot be called with TLS: {error}") from error


class Deadline:
    """Cuts a connection after so many seconds, wherever it hangs. A context manager."""

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self.is_over = False
        """Whether so many seconds have passed."""
        self._timer = threading.Timer(seconds, self._cut)

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._timer.cancel()

    def guard(self, sock: socket.socket) -> None:
        """Name the socket that is to be cut."""
        self._socket = sock
        if self.is_over:
            shut_down(sock)

    def _cut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            shut_down(self._socket)
