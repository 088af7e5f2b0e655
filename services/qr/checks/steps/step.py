"""Common parts of the steps of a node test: measured duration, the first connection, and skipped steps."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence

from services.qr.remote.association import explain_connection_error
from shared.database.models.node_check import CheckStep, CheckVerdict
from shared.jobs.checks import StepOutcome

Judged = tuple[CheckVerdict, str]
"""The verdict on a step, and its reason in words, with advice."""


def timed(step: CheckStep, take: Callable[[], Judged]) -> StepOutcome:
    """Take a step; return its outcome."""
    start = time.monotonic()
    verdict, detail = take()
    return since(start, step, verdict, detail)


def since(start: float, step: CheckStep, verdict: CheckVerdict, detail: str) -> StepOutcome:
    """Return the outcome of a step that began at `start`, a value of `time.monotonic`."""
    return StepOutcome(step=step, verdict=verdict, detail=detail, duration_ms=round((time.monotonic() - start) * 1000))


def connect(host: str, port: int, *, seconds: float) -> Judged:
    """Open a TCP connection, and close it again."""
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except OSError as error:
        return CheckVerdict.FAILED, explain_connection_error(error, host, port, seconds=seconds)
    except UnicodeError:  # of a name that no DNS can have
        return CheckVerdict.FAILED, explain_connection_error(socket.gaierror(), host, port, seconds=seconds)
    return CheckVerdict.PASSED, f"{host}:{port} accepts a connection"


def with_skipped(outcomes: Iterator[StepOutcome], steps: Sequence[CheckStep]) -> Iterator[StepOutcome]:
    """Yield the outcomes as they come, and then one for each step that was not tried because one before it failed."""
    tried = set()
    for outcome in outcomes:
        tried.add(outcome.step)
        yield outcome
    for step in steps:
        if step not in tried:
            yield StepOutcome(step=step, verdict=CheckVerdict.SKIPPED, detail="not tried: a step before it failed")
