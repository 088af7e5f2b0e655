"""Which of several reports of one study goes before which, whatever the order in which they came."""

from typing import NamedTuple


class Rank(NamedTuple):
    """Greater goes first: a report before an image, more irradiation events before fewer, then the smaller UID.

    A report that holds all events of another one, and more, always goes before it. UIDs only break ties: a device
    counts them up, so the smaller one is the earlier one as a rule.
    """

    is_report: bool
    events: int
    earlier_uid: tuple[int, ...]
    uid: str


def rank(*, is_image: bool, events: int, sop_instance_uid: str) -> Rank:
    """Return the rank of a report, or of an image in its place. No two SOP instances have the same."""
    components = tuple(-int(component) for component in sop_instance_uid.split(".") if component.isdecimal())
    return Rank(not is_image, events, components, sop_instance_uid)
