"""Filters of the templates: doses, moments, and the colours of states. Pure functions."""

from datetime import UTC, datetime

NOTHING = "\N{EN DASH}"

_CLASSES = {
    "alive": "state-good", "imported": "state-good", "complete": "state-good", "retrieved": "state-good",
    "passed": "state-good", "wanted": "state-good",
    "association fail": "state-bad", "failed": "state-bad",
    "starting": "state-wait", "stopping": "state-wait", "queued": "state-wait", "retrying": "state-wait",
    "asking": "state-wait", "querying": "state-wait", "choosing": "state-wait", "review": "state-wait",
    "retrieving": "state-wait", "found": "state-wait", "chosen": "state-wait", "partial": "state-wait",
    "unclear": "state-wait", "no answer yet": "state-wait", "running": "state-wait",
}  # fmt: skip


def dose(value: float | None, factor: float = 1) -> str:
    """Return a dose with four significant digits, after multiplication with `factor` (to the unit of the column)."""
    if value is None:
        return NOTHING
    shown = value * factor
    if shown != 0 and not 1e-3 <= abs(shown) < 1e6:
        return f"{shown:.3e}"
    return f"{shown:.4g}" if abs(shown) < 1000 else f"{shown:.0f}"


def iso(moment: datetime) -> str:
    """Return a moment in UTC to the second; page.js turns it into the viewer's local time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def state_class(state: str) -> str:
    """Return the CSS class of a state's colour; neutral for states that are neither good nor bad."""
    return _CLASSES.get(str(state), "state-idle")
