"""Flags what cannot be right in a dose report. Nothing is corrected: totals are the report's own."""

from services.importer.extract.collect import Values, Warnings

_TOLERANCE = 0.02
"""Devices round totals and events each for themselves."""

_TOTALS = (
    ("total_dlp_mgy_cm", "dlp_mgy_cm"),
    ("total_dap_gy_m2", "dap_gy_m2"),
    ("total_rp_dose_gy", "rp_dose_gy"),
)


def flag_totals(part: Values, warnings: Warnings) -> None:
    """Warn where a stated total differs from the sum of the events by more than rounding explains.

    Where some events do not state the quantity, only a sum above the total is wrong.
    """
    for total_name, event_name in _TOTALS:
        total = part.get(total_name)
        stated = [event[event_name] for event in part["events"] if event_name in event]
        if total is None or not stated:
            continue
        difference = sum(stated) - total
        complete = len(stated) == len(part["events"])
        if difference > _TOLERANCE * total or (complete and -difference > _TOLERANCE * total):
            warnings.add(None, f"{total_name} is {total:g}, but the events add up to {sum(stated):g}")
