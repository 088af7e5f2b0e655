"""The nuclear medicine part of a study from its dose reports and image headers. Pure functions.

A dose report takes precedence over image headers: they add their PET series, and a warning where they state another
administration. Of image headers alone the leading one counts, as the others repeat the same activity.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from shared.dose_document.document import NuclearDose
from shared.dose_document.values import Values, list_of, number_of, text_of
from shared.stored_study.stored_report import StoredReport

_SAME_START_S: Final = 60.0
"""The tolerance of start times, which people enter by the minute."""
_SAME_AMOUNT: Final = 0.01
"""The relative tolerance for rounded amounts."""
_AMOUNTS: Final = (("activity_mbq", "activity", "MBq"), ("half_life_s", "half-life", "s"))


def combined_nuclear(reports: Sequence[StoredReport]) -> NuclearDose:
    """Return the part as several tell it together; `reports` in the order of their lists."""
    leading = max(reports, key=lambda report: report.rank).nuclear
    administrations = _administrations(reports) or leading.administrations
    series: dict[str, Values] = {}
    for report in reports:
        for one in report.nuclear.pet_series:
            series.setdefault(text_of(one, "series_instance_uid") or str(len(series)), one)
    totals = dict(leading.totals)
    if administrations:
        totals["administrations_count"] = len(administrations)
    if series:
        totals["pet_series_count"] = len(series)
    return NuclearDose(
        totals=totals,
        administrations=administrations,
        patient=leading.patient,
        pet_series=sorted(series.values(), key=_order_of_series),
    )


def disagreements(reports: Sequence[StoredReport]) -> list[str]:
    """Return in words, once each, where image headers tell another administration than the dose reports do."""
    reported = _administrations(reports)
    found = [
        words
        for report in reports
        if report.is_image and reported
        for told in report.nuclear.administrations
        for words in _differences(_counterpart(told, reported), told)
    ]
    return list(dict.fromkeys(found))


def _administrations(reports: Sequence[StoredReport]) -> list[Values]:
    """Return the administrations of the dose reports; one that several tell as the highest-ranked tells it."""
    told = [report for report in reports if not report.is_image]
    owners = {
        key: report.sop_instance_uid
        for report in sorted(told, key=lambda report: report.rank)
        for key in report.event_keys
    }
    return [
        administration
        for report in told
        for key, administration in zip(report.event_keys, report.nuclear.administrations, strict=True)
        if owners[key] == report.sop_instance_uid
    ]


def _counterpart(told: Values, reported: Sequence[Values]) -> Values:
    """Return the administration that an image speaks of: that of its UID, else that which it differs least from."""
    uid = text_of(told, "event_uid")
    of_uid = [one for one in reported if uid and text_of(one, "event_uid") == uid]
    return min(of_uid or reported, key=lambda one: len(list(_differences(one, told))))


def _differences(reported: Values, told: Values) -> Iterator[str]:
    for name in ("radiopharmaceutical", "radionuclide"):
        # By their codes: devices word them differently.
        codes = [text_of(one, f"{name}_code") for one in (reported, told)]
        if all(codes) and codes[0] != codes[1]:
            what = "agent" if name == "radiopharmaceutical" else name
            yield _in_words(what, text_of(reported, name) or "?", text_of(told, name) or "?")
    starts = [_moment(text_of(one, "started_at")) for one in (reported, told)]
    if starts[0] and starts[1] and abs((starts[0] - starts[1]).total_seconds()) >= _SAME_START_S:
        yield _in_words("start time", *(start.isoformat() for start in starts if start))
    for name, words, unit in _AMOUNTS:
        ours, theirs = number_of(reported, name), number_of(told, name)
        if ours and theirs and abs(ours - theirs) > _SAME_AMOUNT * abs(ours):
            yield _in_words(words, f"{ours:g} {unit}", f"{theirs:g} {unit}")


def _in_words(what: str, reported: str, told: str) -> str:
    return f"radiopharmaceutical {what} differs between report and image: {reported} and {told}"


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _order_of_series(series: Values) -> tuple[str, int, str]:
    """By start; of one acquisition the reconstructions with more corrections first."""
    return (
        text_of(series, "started_at") or "~",
        -len(list_of(series, "corrections")),
        text_of(series, "series_instance_uid") or "",
    )
