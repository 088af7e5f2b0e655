"""The contribution of one object to a study: its irradiation events, and its rank. Pure functions."""

from dataclasses import dataclass
from datetime import datetime

from shared.stored_study.rank import Rank, is_uid, rank


@dataclass(frozen=True, slots=True)
class EventIdentity:
    """The identity of an irradiation event among those of its study.

    `key` is unique in the object and is compared between objects. An image without Irradiation Event UID has no key
    that another object could know (`has_uid` is false): it is compared by its start as well, and with other images
    by its technique (`exposure`), as two exposures can have one start.
    """

    key: str
    started_at: datetime | None = None
    has_uid: bool = True
    exposure: str | None = None
    """A digest of the technique of an image's exposure; None: from a report, or the technique is not known."""

    @classmethod
    def of(
        cls, key: str, started_at: datetime | None, *, sop_instance_uid: str, exposure: str | None = None
    ) -> "EventIdentity":
        """Return the identity of an event of an object; a key that is made up does not count as a UID."""
        return cls(key, started_at, has_uid=is_uid(key, sop_instance_uid=sop_instance_uid), exposure=exposure)

    def is_same(self, other: "EventIdentity") -> bool:
        """Tell whether two events are the same exposure."""
        if self.key == other.key:
            return True
        by_time = not (self.has_uid and other.has_uid)
        one_start = self.started_at is not None and self.started_at == other.started_at
        return by_time and one_start and (None in (self.exposure, other.exposure) or self.exposure == other.exposure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The irradiation events of one object: a report, or an image."""

    sop_instance_uid: str
    events: tuple[EventIdentity, ...]
    is_image: bool = False
    exposure: str | None = None
    """The digest of the technique of an image's exposure, as in its events."""
    of_series: bool = False
    """Its "events" are image series (nuclear medicine), not exposures."""
    of_whole_study: bool = False
    """An image with the dose of the whole study (Philips CT dose info): it adds nothing where there is a report."""

    @property
    def rank(self) -> Rank:
        """Its rank: objects of a higher rank go before it."""
        keys = [event.key for event in self.events]
        return rank(is_image=self.is_image, event_keys=keys, sop_instance_uid=self.sop_instance_uid)

    def tells_all_of(self, other: "Contribution") -> bool:
        """Tell whether this object holds every event of `other`."""
        if other.of_whole_study and not self.is_image and self.events:
            return True
        keys = {event.key for event in self.events}
        return all(
            event.key in keys or (self._by_time(other) and any(event.is_same(ours) for ours in self.events))
            for event in other.events
        )

    def supersedes(self, other: "Contribution") -> bool:
        """Tell whether `other` is not needed beside this object.

        A report without events (a summary that has totals only) is superseded by any report with events.
        """
        return self.rank > other.rank and self.tells_all_of(other)

    def _by_time(self, other: "Contribution") -> bool:
        return (self.is_image or other.is_image) and not (self.of_series or other.of_series)
