"""Values of content items and attributes as plain JSON values: dates, times, numbers, yes and no."""

import re
from datetime import date, datetime, time

from shared.dicom.header import Code

_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:[.,](\d*))?", re.ASCII)
_DATETIME = re.compile(r"(\d{4}[.-]?\d{2}[.-]?\d{2})(?:[T ]?(\d{2}.*))?", re.ASCII)
_UTC_OFFSET = re.compile(r"\s?(?:[+-]\d{2}:?\d{2}|Z)$", re.ASCII)
_YES = frozenset(("R-0038D", "373066001", "Y"))
_NO = frozenset(("R-00339", "373067005", "N"))
_LAST_SECOND = 59
"""Seconds may be 60 in DICOM (a leap second), but not in Python."""
MAX_SHOWN = 60


def parse_date(text: str | None) -> date | None:
    """Return a DICOM date (VR DA, also with the dots of ACR-NEMA), None when it is not one."""
    match = _DATE.fullmatch(text or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def parse_time(text: str | None) -> time | None:
    """Return a DICOM time (VR TM) in the local time that is written; a UTC offset is dropped."""
    match = _TIME.fullmatch(_UTC_OFFSET.sub("", text or ""))
    if not match:
        return None
    hour, minute, second, fraction = match.groups()
    try:
        return time(int(hour), int(minute or 0), min(int(second or 0), _LAST_SECOND), _microseconds(fraction))
    except ValueError:
        return None


def parse_datetime(text: str | None) -> datetime | None:
    """Return a DICOM date-time (VR DT) in local time; a date alone is its midnight, a UTC offset is dropped.

    The separators of ISO 8601, which some devices write, are no obstacle.
    """
    match = _DATETIME.fullmatch(_UTC_OFFSET.sub("", text or ""))
    day = parse_date(match[1]) if match else None
    if match is None or day is None:
        return None
    if match[2] is None:
        return datetime.combine(day, time())
    clock = parse_time(match[2])
    return None if clock is None else datetime.combine(day, clock)


def combine(day: date | None, clock: time | None) -> str | None:
    """Return date and time as one local date-time in ISO 8601, None when one of them is missing."""
    return datetime.combine(day, clock).isoformat() if day and clock else None


def yes_or_no(code: Code | None, text: str | None) -> bool | None:
    """Return the value of a Yes/No code (CID 230), or of a text in its place."""
    if code and code.value in _YES | _NO:
        return code.value in _YES
    word = (code.meaning if code else text or "").strip().casefold()
    return {"yes": True, "no": False}.get(word)


def shown(text: str) -> str:
    """Return untrusted text for a warning: printable and short."""
    printable = "".join(character if character.isprintable() else " " for character in text[: MAX_SHOWN + 1])
    return printable if len(printable) <= MAX_SHOWN else printable[:MAX_SHOWN] + "…"


def _microseconds(fraction: str | None) -> int:
    """Return a fraction of a second; of more digits than DICOM has (six) the rest is cut off."""
    return int(fraction[:6].ljust(6, "0")) if fraction else 0
