"""What is read from one object, in the shape of docs/dose-objects.md."""

from dataclasses import dataclass
from typing import Any

Part = dict[str, Any]
"""Plain JSON values."""

_ORDER = ("object", "study", "sr", "ct", "xray", "mg", "nm", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDocument:
    """One dose object as plain JSON values. A part that the object does not have is None.

    `outcome` has `accepted`, `object_kind` (a `DoseObjectKind`), `refusal_reason`, `warnings` and `flags`.
    """

    object: Part
    study: Part
    outcome: Part
    sr: Part | None = None
    ct: Part | None = None
    xray: Part | None = None
    mg: Part | None = None
    nm: Part | None = None

    @property
    def accepted(self) -> bool:
        """Whether the object holds dose that was read."""
        return bool(self.outcome["accepted"])

    @property
    def warnings(self) -> list[str]:
        """What could not be read, in words."""
        return list(self.outcome["warnings"])

    def to_json(self) -> dict[str, Any]:
        """Return the document without the parts and the values that are None."""
        parts = {name: getattr(self, name) for name in _ORDER}
        return {name: _without_none(part) for name, part in parts.items() if part is not None}


def _without_none(part: Part) -> Part:
    return {name: value for name, value in part.items() if value is not None}


def refused(
    reason: str,
    *,
    object_: Part | None = None,
    study: Part | None = None,
    sr: Part | None = None,
    warnings: list[str] | None = None,
) -> DoseDocument:
    """Return the document of an object that holds no dose that is read, with the reason in words."""
    return DoseDocument(
        object=object_ or {},
        study=study or {},
        sr=sr,
        outcome={
            "accepted": False,
            "object_kind": None,
            "refusal_reason": reason,
            "warnings": warnings or [],
        },
    )
