"""One C-ECHO to a node, for the state of nodes on the pages (PS3.4 annex A)."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from services.qr.checks.steps.dimse import judge_echo
from services.qr.remote.archive import Limits
from services.qr.remote.association import Link
from services.qr.remote.errors import RemoteError
from shared.database.models.node_check import CheckVerdict


@dataclass(frozen=True, slots=True)
class EchoReply:
    """The outcome of a C-ECHO."""

    alive: bool
    detail: str
    """The outcome in words, with advice for a person."""
    duration_ms: int


def limits_of_echo(timeout: float) -> Limits:
    """Return the time limits of a C-ECHO with `timeout` seconds for each of connection, handshake, request, answer."""
    return Limits(connect=timeout, acse=timeout, idle=timeout, total=4 * timeout)


def send_echo(association: AbstractContextManager[Link]) -> EchoReply:
    """Open an association that offers Verification, and send a C-ECHO over it.

    Raises:
        Stopping: this worker is being stopped.
    """
    start = time.monotonic()
    try:
        with association as link:
            verdict, detail = judge_echo(link)
            alive = verdict is CheckVerdict.PASSED
    except RemoteError as error:
        alive, detail = False, error.words
    return EchoReply(alive=alive, detail=detail, duration_ms=round((time.monotonic() - start) * 1000))
