"""The fate of a message (done, retry, dead letter), decided from the class of its error and the attempts so far."""

from dataclasses import dataclass

from shared.broker.topology import MAX_ATTEMPTS, RETRY_DELAYS, retry_delay
from shared.errors import Permanent, Unavailable


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Done; the broker may forget it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Again after `delay` seconds; `attempt` failures have been counted."""

    delay: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """To the dead-letter queue, with the reason for an operator."""

    attempt: int
    reason: str


Verdict = Acknowledge | Retry | DeadLetter


def judge(error: BaseException | None, *, attempt: int) -> Verdict:
    """Decide the fate of a message after `attempt` counted failures and this outcome (None: success).

    `Unavailable` is not counted; `Permanent` is final; every other error, also an unexpected one, is tried again until
    `MAX_ATTEMPTS`.
    """
    if error is None:
        return Acknowledge()
    reason = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, Unavailable):
        return Retry(delay=RETRY_DELAYS[0], attempt=attempt, reason=reason)
    if isinstance(error, Permanent) or attempt + 1 >= MAX_ATTEMPTS:
        return DeadLetter(attempt=attempt + 1, reason=reason)
    return Retry(delay=retry_delay(attempt + 1), attempt=attempt + 1, reason=reason)


def is_final(error: BaseException, *, attempt: int) -> bool:
    """Tell whether a message with this error will be dead-lettered."""
    return isinstance(judge(error, attempt=attempt), DeadLetter)
