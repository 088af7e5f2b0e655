"""The dose of CT, from the containers of a CT dose report (TID 10011)."""

import re
from collections.abc import Mapping

from services.importer.extract.fields.collect import collect, mark_derived
from services.importer.extract.fields.content_tree import ContentItem
from services.importer.extract.fields.problems import Place, Warnings
from services.importer.extract.fields.template import normalised
from services.importer.extract.tables import ct
from shared.dose_document.document import CtDose
from shared.dose_document.values import Value, Values, containers_of, text_of

_MODULATION_IN_COMMENT = re.compile(r"X-?ray Modulation Type\s{0,8}[=:]\s{0,8}([^,;\r\n]{1,64})", re.IGNORECASE)


def ct_dose(
    accumulated: list[tuple[Place, ContentItem]], events: list[tuple[Place, ContentItem]], warnings: Warnings
) -> CtDose:
    """Return totals, as the report states them, and its events in document order."""
    totals: Values = {}
    for place, container in accumulated:
        for name, value in collect(container, ct.ACCUMULATED, warnings, place).items():
            if name in totals:
                warnings.add(place, f"{name} occurs again; the first is taken")
            totals.setdefault(name, value)
    collected = [_event(container, warnings, place) for place, container in events]
    totals["events_count"] = len(collected)
    return CtDose(totals=totals, events=collected, count_by_type=count_by_type(collected))


def count_by_type(events: list[Values]) -> dict[str, int]:
    """Return the number of events of each kind of acquisition."""
    kinds = [acquisition_kind(event) for event in events]
    return {kind: kinds.count(kind) for kind in (*ct.ACQUISITION_TYPES, "other")}


def acquisition_kind(event: Mapping[str, Value]) -> str:
    """Return the kind of CT acquisition: a key of `ACQUISITION_TYPES`, or `other`."""
    code, meaning = text_of(event, "acquisition_type_code"), normalised(text_of(event, "acquisition_type") or "")
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
    sources = containers_of(event, "sources")
    if len(sources) == 1:
        for name in ct.OF_ONE_SOURCE:
            if name in sources[0]:
                event[name] = sources[0][name]
    in_comment = _MODULATION_IN_COMMENT.search(text_of(event, "comment") or "")
    if in_comment:
        mark_derived(event, modulation_type=in_comment[1].strip())
    return event
