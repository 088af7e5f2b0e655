"""The modalities in queries for studies, and the evidence that a node matches on them. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.jobs.options import MODALITIES, ModalityClass


def modalities_to_ask(classes: Sequence[ModalityClass]) -> tuple[str, ...]:
    """Return the modalities of these classes, in the order in which they are asked for."""
    return tuple(modality for name in ModalityClass if name in classes for modality in MODALITIES[name])


@dataclass(frozen=True, slots=True)
class ModalityEvidence:
    """The evidence of the answers so far on how a node treats Modalities in Study (0008,0061)."""

    answers: int = 0
    returned: bool = False
    """At least one answer contains modalities."""
    mismatch: bool = False
    """At least one answer lacks the modality that was asked for."""

    def seen(self, *, asked: str, answers: Iterable[Sequence[str] | None]) -> "ModalityEvidence":
        """Return the evidence after the answers to a query for one modality; None: the answer tells none."""
        count, returned, mismatch = self.answers, self.returned, self.mismatch
        for told in answers:
            count += 1
            modalities = [one for one in told or () if one]
            returned = returned or bool(modalities)
            mismatch = mismatch or bool(modalities and asked not in modalities)
        return replace(self, answers=count, returned=returned, mismatch=mismatch)

    def matches(self, *, modality_key: bool) -> bool:
        """Tell whether to go on with queries by modality; without answers there is no evidence against it.

        Args:
            modality_key: the node is asked with Modality (0008,0060) as well, and matches on that.
        """
        if self.mismatch:
            return False
        return modality_key or not self.answers or self.returned
