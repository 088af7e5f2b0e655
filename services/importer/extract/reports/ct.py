"""The `ct` part of a document, from the containers of a CT dose report (TID 10011)."""

import re

from services.importer.extract.fields.collect import Place, Values, Warnings, collect, mark_derived
from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.template import normalised
from services.importer.extract.tables import ct

_MODULATION_IN_COMMENT = re.compile(r"X-?ray Modulation Type\s{0,8}[=:]\s{0,8}([^,;\r\n]{1,64})", re.IGNORECASE)


def ct_part(
    accumulated: list[tuple[Place, ContentItem]], events: list[tuple[Place, ContentItem]], warnings: Warnings
) -> Values:
    """Return totals, as the report states them, and its events in document order."""
    part: Values = {}
    for place, container in accumulated:
        for name, value in collect(container, ct.ACCUMULATED, warnings, place).items():
            if name in part:
                warnings.add(place, f"{name} occurs again; the first is taken")
            part.setdefault(name, value)
    part["events"] = [_event(container, warnings, place) for place, container in events]
    part["events_count"] = len(events)
    part["count_by_type"] = count_by_type(part["events"])
    return part


def count_by_type(events: list[Values]) -> dict[str, int]:
    """Return how many events there are of each kind of acquisition."""
    kinds = [acquisition_kind(event) for event in events]
    return {kind: kinds.count(kind) for kind in (*ct.ACQUISITION_TYPES, "other")}


def acquisition_kind(event: Values) -> str:
    """Return the kind of CT acquisition: a key of `ACQUISITION_TYPES`, or `other`."""
    code, meaning = event.get("acquisition_type_code"), normalised(event.get("acquisition_type") or "")
    for kind, known in ct.ACQUISITION_TYPES.items():
        if code in known or meaning in known:
            return kind
    return "other"


def _event(container: ContentItem, warnings: Warnings, place: Place) -> Values:
    event = collect(container, ct.EVENT, warnings, place)
    alert, notification = event.pop("dose_check.alert", None), event.pop("dose_check.notification", None)
    if alert or notification:
        event["dose_check"] = {
            name: check for name, check in (("alert", alert), ("notification", notification)) if check
        }
    sources = event.get("sources", [])
    if len(sources) == 1:
        for name in ct.OF_ONE_SOURCE:
            if name in sources[0]:
                event[name] = sources[0][name]
    in_comment = _MODULATION_IN_COMMENT.search(event.get("comment") or "")
    if in_comment:
        mark_derived(event, modulation_type=in_comment[1].strip())
    return event
