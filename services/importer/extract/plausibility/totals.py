"""The totals and counts of a report that differ from the sums over its irradiation events. Pure functions."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from shared.dose_document.document import DoseDocument, IrradiationDose
from shared.dose_document.values import Values, number_of, text_of

_TOLERANCE: Final = 0.02
"""The tolerance: devices sum up before they round."""

_OF_PLANE: Final = (("total_dap_gy_m2", "dap_gy_m2"), ("total_rp_dose_gy", "rp_dose_gy"))
_BY_KIND: Final = (
    ("fluoro_dap_gy_m2", "dap_gy_m2", True),
    ("fluoro_rp_dose_gy", "rp_dose_gy", True),
    ("acquisition_dap_gy_m2", "dap_gy_m2", False),
    ("acquisition_rp_dose_gy", "rp_dose_gy", False),
)
"""The total, the field of an event that adds to it, and True for fluoroscopy events, False for all others."""


def differing_totals(document: DoseDocument) -> Iterator[str]:
    """Yield each total that differs from the sum of the events by more than rounding explains, with both numbers."""
    ct, xray, mammography = document.ct, document.xray, document.mg
    if ct:
        yield from _compare("total_dlp_mgy_cm", ct.totals, "total_dlp_mgy_cm", ct.events, "dlp_mgy_cm")
    if xray:
        for total, amount in _OF_PLANE:
            yield from _compare(total, xray.totals, total, xray.events, amount)
        for plane, stated in xray.accumulated.items():
            yield from _differing_in_plane(xray, plane, stated)
    if mammography:
        for breast, stated in mammography.accumulated.items():
            of_breast = _of_breast(mammography.events, breast)
            yield from _compare(f"agd_mgy of {breast}", stated, "agd_mgy", of_breast, "agd_mgy")


def _differing_in_plane(xray: IrradiationDose, plane: str, stated: Values) -> Iterator[str]:
    events = _of_plane(xray.events, plane)
    if len(xray.accumulated) > 1:
        for total, amount in _OF_PLANE:
            yield from _compare(f"{total} of plane {plane}", stated, total, events, amount)
    kinds = [(text_of(event, "event_type") or "").casefold() for event in events]
    if all(kinds):
        for total, amount, fluoroscopy in _BY_KIND:
            of_kind = [event for event, kind in zip(events, kinds, strict=True) if ("fluoro" in kind) is fluoroscopy]
            yield from _compare(f"{total} of plane {plane}", stated, total, of_kind, amount)


def differing_counts(document: DoseDocument) -> Iterator[str]:
    """Yield each stated number of irradiation events that differs from the events that there are."""
    if document.ct:
        yield from _count("", document.ct.totals, document.ct.events)
    if document.xray:
        for plane, stated in document.xray.accumulated.items():
            yield from _count(f" of plane {plane}", stated, _of_plane(document.xray.events, plane))


def _compare(name: str, stated: Values, total_name: str, events: Sequence[Values], amount: str) -> Iterator[str]:
    """Where some events do not state the quantity, only a sum above the total is wrong."""
    total = number_of(stated, total_name)
    amounts = [number for event in events if (number := number_of(event, amount)) is not None]
    if total is None or not amounts:
        return
    difference = math.fsum(amounts) - total
    allowed = _TOLERANCE * abs(total) + _rounding(total) + math.fsum(map(_rounding, amounts))
    if difference > allowed or (len(amounts) == len(events) and -difference > allowed):
        yield f"{name} is {total:g}, but the events add up to {math.fsum(amounts):g}"


def _count(where: str, totals: Values, events: Sequence[Values]) -> Iterator[str]:
    stated = number_of(totals, "irradiation_event_count")
    if stated is not None and events and stated != len(events):
        yield f"irradiation_event_count{where} is {stated}, but there are {len(events)} events"


def _rounding(value: float) -> float:
    """Return half a unit of the last digit of a number; none for zero, which is no rounded dose."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent) if value else 0.0


def _of_plane(events: Sequence[Values], plane: str) -> list[Values]:
    return [event for event in events if plane == "all" or event.get("plane", "single") == plane]


def _of_breast(events: Sequence[Values], breast: str) -> list[Values]:
    return [event for event in events if breast == "both" or breast in (text_of(event, "laterality") or "").casefold()]
