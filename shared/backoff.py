"""Pauses between attempts, which grow with the number of failures in a row."""

from collections.abc import Sequence
from typing import TypeVar

SecondsT = TypeVar("SecondsT", int, float)


def pause_after(failures: int, pauses: Sequence[SecondsT]) -> SecondsT:
    """Return the pause after a failure, in seconds.

    Args:
        failures: how many there were in a row, with this one.
        pauses: seconds after the first, the second and so on; the last one for all later ones.
    """
    return pauses[min(max(failures, 1), len(pauses)) - 1]
