"""The effect of a new object on a stored study. Pure functions, from values to a decision.

The stored study is a function of the set of objects that were sent, never of their order. Each object has a rank
(`shared.stored_study.rank`), the same whenever it comes:

- An object is superseded when a higher-ranked object holds all its irradiation events: nothing of it stays but its SOP
  Instance UID. So a cumulative report replaces earlier ones and is not replaced by them, an image gives way to a dose
  report of the same exposure, and of a processing/presentation pair one stays.
- An event that stands in several reports is read from the highest-ranked of them.
- The highest-ranked object describes the study and its equipment.

What supersedes ranks higher than what it supersedes, so what was once dropped is never needed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.importer.reading.contribution import Contribution


class Effect(StrEnum):
    """The effect of a new object on its study."""

    STORED = "stored"
    CONTINUED = "continued"
    """A further report of the study: its events were added."""
    ADDED_EVENT = "added_event"
    """A further image of the study: its exposure was added."""
    ADDED_SERIES = "added_series"
    REPLACED_BY_SUPERSET = "replaced_by_superset"
    REPORT_REPLACED_IMAGE_VALUES = "report_replaced_image_values"
    IGNORED_DUPLICATE_SOP_INSTANCE = "ignored_duplicate_sop_instance"
    IGNORED_EVENT_SUBSET = "ignored_event_subset"
    IGNORED_SAME_EVENTS = "ignored_same_events"
    IGNORED_SAME_EXPOSURE = "ignored_same_exposure"
    IGNORED_SAME_SERIES = "ignored_same_series"

    @property
    def adds_nothing(self) -> bool:
        """No dose was added, though of two objects that tell the same, the new one may be kept."""
        return self in _IGNORED


_IGNORED = frozenset(
    (
        Effect.IGNORED_DUPLICATE_SOP_INSTANCE,
        Effect.IGNORED_EVENT_SUBSET,
        Effect.IGNORED_SAME_EVENTS,
        Effect.IGNORED_SAME_EXPOSURE,
        Effect.IGNORED_SAME_SERIES,
    )
)


@dataclass(frozen=True, slots=True)
class StudyState:
    """A stored study: all SOP instances imported for it, and the objects that make it up. Empty: not stored yet."""

    processed: frozenset[str] = frozenset()
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The changes to a stored study: objects to remove, events to remove and to write (by key), a new description."""

    effect: Effect
    reason: str | None = None
    stays: bool = False
    """The new object becomes part of the study; otherwise only its SOP Instance UID is remembered."""
    superseded: tuple[str, ...] = ()
    """SOP Instance UIDs of stored objects to remove, with all their rows."""
    write_events: tuple[str, ...] = ()
    remove_events: tuple[str, ...] = ()
    """Events that are read from a stored object, but belong to the new one."""
    leads: bool = False
    """The new object describes the study and its equipment."""


def merge(state: StudyState, new: Contribution) -> Decision:
    """Decide the effect of a new object on a stored study of the same Study Instance UID and part."""
    if new.sop_instance_uid in state.processed:
        return Decision(effect=Effect.IGNORED_DUPLICATE_SOP_INSTANCE, reason="this SOP instance is imported already")
    by_rank = sorted(state.contributions, key=lambda contribution: contribution.rank)
    for stored in reversed(by_rank):
        if stored.supersedes(new):
            return _ignored(stored, new)
    superseded = tuple(stored for stored in state.contributions if new.supersedes(stored))
    staying = tuple(stored for stored in state.contributions if stored not in superseded)
    theirs = {event.key for stored in staying if stored.rank > new.rank for event in stored.events}
    read_from = {event.key: stored for stored in by_rank for event in stored.events}
    write = tuple(event.key for event in new.events if event.key not in theirs)
    effect, reason = _effect(new, superseded, staying)
    return Decision(
        effect=effect,
        reason=reason,
        stays=True,
        superseded=tuple(stored.sop_instance_uid for stored in superseded),
        write_events=write,
        remove_events=tuple(key for key in write if read_from.get(key) in staying),
        leads=all(new.rank > stored.rank for stored in staying),
    )


def _ignored(stored: Contribution, new: Contribution) -> Decision:
    if not new.tells_all_of(stored):
        if not new.is_image:
            return Decision(
                effect=Effect.IGNORED_EVENT_SUBSET, reason="another report has all of its irradiation events, and more"
            )
        by = "another image" if stored.is_image else "a dose report"
        return Decision(effect=Effect.IGNORED_SAME_EXPOSURE, reason=f"{by} tells of the same exposure")
    return Decision(effect=_same(new), reason=f"{_SAME[_same(new)]} another object, which is kept")


def _same(new: Contribution) -> Effect:
    if not new.is_image:
        return Effect.IGNORED_SAME_EVENTS
    return Effect.IGNORED_SAME_SERIES if new.of_series else Effect.IGNORED_SAME_EXPOSURE


_SAME = {
    Effect.IGNORED_SAME_EVENTS: "has exactly the same irradiation events as",
    Effect.IGNORED_SAME_EXPOSURE: "tells of the same exposure as",
    Effect.IGNORED_SAME_SERIES: "is of the same series as",
}


def _effect(
    new: Contribution, superseded: Sequence[Contribution], staying: Sequence[Contribution]
) -> tuple[Effect, str | None]:
    if superseded:
        if not new.is_image and any(stored.is_image for stored in superseded):
            return Effect.REPORT_REPLACED_IMAGE_VALUES, "takes the place of images of the same exposures"
        if any(stored.tells_all_of(new) for stored in superseded):
            return _same(new), f"{_SAME[_same(new)]} another object, whose place it takes"
        return Effect.REPLACED_BY_SUPERSET, "takes the place of a report that had fewer irradiation events"
    if not staying:
        return Effect.STORED, None
    if new.is_image:
        return (Effect.ADDED_SERIES if new.of_series else Effect.ADDED_EVENT), None
    return Effect.CONTINUED, "adds to the irradiation events of another report of the study"
