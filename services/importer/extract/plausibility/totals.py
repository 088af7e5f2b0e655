"""Compares the totals that a report states with what its irradiation events add up to. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Values = Mapping[str, Any]

_TOLERANCE: Final = 0.02
"""Devices sum up before they round: what remains beyond the digits that they write."""

_OF_PART: Final = (
    ("ct", "total_dlp_mgy_cm", "dlp_mgy_cm"),
    ("xray", "total_dap_gy_m2", "dap_gy_m2"),
    ("xray", "total_rp_dose_gy", "rp_dose_gy"),
)
_OF_PLANE: Final = (("total_dap_gy_m2", "dap_gy_m2"), ("total_rp_dose_gy", "rp_dose_gy"))
_BY_KIND: Final = (
    ("fluoro_dap_gy_m2", "dap_gy_m2", True),
    ("fluoro_rp_dose_gy", "rp_dose_gy", True),
    ("acquisition_dap_gy_m2", "dap_gy_m2", False),
    ("acquisition_rp_dose_gy", "rp_dose_gy", False),
)
"""Total, what events add to it, and whether those of fluoroscopy do or all others."""


def differing_totals(document: Values) -> Iterator[str]:
    """Yield each total that differs from the sum of the events by more than rounding explains, with both numbers."""
    for part, total, amount in _OF_PART:
        values = document.get(part, {})
        yield from _compare(total, values.get(total), values.get("events", ()), amount)
    xray = document.get("xray", {})
    planes: Mapping[str, Values] = xray.get("accumulated") or {}
    for plane, stated in planes.items():
        events = xray.get("events", ()) if plane == "all" else _of_plane(xray.get("events", ()), plane)
        if len(planes) > 1:
            for total, amount in _OF_PLANE:
                yield from _compare(f"{total} of plane {plane}", stated.get(total), events, amount)
        if all(event.get("event_type") for event in events):
            for total, amount, fluoroscopy in _BY_KIND:
                kind = [event for event in events if ("fluoro" in event["event_type"].casefold()) is fluoroscopy]
                yield from _compare(f"{total} of plane {plane}", stated.get(total), kind, amount)
    mammography = document.get("mg", {})
    for breast, stated in (mammography.get("accumulated") or {}).items():
        of_breast = _of_breast(mammography.get("events", ()), breast)
        yield from _compare(f"agd_mgy of {breast}", stated.get("agd_mgy"), of_breast, "agd_mgy")


def differing_counts(document: Values) -> Iterator[str]:
    """Yield each number of irradiation events that is not how many there are."""
    ct = document.get("ct", {})
    yield from _count("", ct.get("irradiation_event_count"), ct.get("events", ()))
    xray = document.get("xray", {})
    for plane, stated in (xray.get("accumulated") or {}).items():
        events = xray.get("events", ()) if plane == "all" else _of_plane(xray.get("events", ()), plane)
        yield from _count(f" of plane {plane}", stated.get("irradiation_event_count"), events)


def _compare(name: str, total: float | None, events: Sequence[Values], amount: str) -> Iterator[str]:
    """Where some events do not state the quantity, only a sum above the total is wrong."""
    amounts = [event[amount] for event in events if isinstance(event.get(amount), int | float)]
    if total is None or not amounts:
        return
    difference = math.fsum(amounts) - total
    allowed = _TOLERANCE * abs(total) + _rounding(total) + math.fsum(map(_rounding, amounts))
    if difference > allowed or (len(amounts) == len(events) and -difference > allowed):
        yield f"{name} is {total:g}, but the events add up to {math.fsum(amounts):g}"


def _count(where: str, stated: int | None, events: Sequence[Values]) -> Iterator[str]:
    if stated is not None and events and stated != len(events):
        yield f"irradiation_event_count{where} is {stated}, but there are {len(events)} events"


def _rounding(value: float) -> float:
    """Return half a unit of the last digit of a number; none for zero, which is no rounded dose."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent) if value else 0.0


def _of_plane(events: Sequence[Values], plane: str) -> list[Values]:
    return [event for event in events if event.get("plane", "single") == plane]


def _of_breast(events: Sequence[Values], breast: str) -> list[Values]:
    return [event for event in events if breast == "both" or breast in (event.get("laterality") or "").casefold()]
