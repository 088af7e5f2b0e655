"""The rank of a report among those of its study, independent of the order of arrival."""

from collections.abc import Collection
from typing import NamedTuple


class Rank(NamedTuple):
    """Greater goes first: reports before images, more irradiation events before fewer, then the smaller UID.

    Of images, one that knows its Irradiation Event UID goes before one that does not. A report that holds all
    events of another one, and more, always goes before it. UIDs only break ties: a device counts them up, so the
    smaller one is the earlier one as a rule.
    """

    is_report: bool
    is_identified: bool
    events: int
    earlier_uid: tuple[int, ...]
    uid: str


CONTENT_KEY = "content "
"""The prefix of event keys that are made from the content of events."""


def is_uid(key: str, *, sop_instance_uid: str) -> bool:
    """Tell whether the key of an event is its Irradiation Event UID, and not one made up for want of it."""
    return key != sop_instance_uid and not key.startswith(CONTENT_KEY)


def rank(*, is_image: bool, event_keys: Collection[str], sop_instance_uid: str) -> Rank:
    """Return the rank of a report, or of an image in its place. No two SOP instances have the same."""
    components = tuple(-int(component) for component in sop_instance_uid.split(".") if component.isdecimal())
    identified = not is_image or all(is_uid(key, sop_instance_uid=sop_instance_uid) for key in event_keys)
    return Rank(not is_image, identified, len(event_keys), components, sop_instance_uid)
