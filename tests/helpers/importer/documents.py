"""Dose documents for tests, written as the JSON that they print."""

from collections.abc import Mapping
from typing import Any

from shared.dose_document.document import (
    CtDose,
    DocumentOutcome,
    DoseDocument,
    Finding,
    MammographyDose,
    NuclearDose,
    ProjectionDose,
)

_LISTS = ("events", "accumulated", "count_by_type", "administrations", "patient", "pet_series")


def dose_document(parts: Mapping[str, Any], *, findings: tuple[Finding, ...] = ()) -> DoseDocument:
    """Return the document that prints like `parts`; parts that are missing are empty."""
    outcome = {"accepted": True, **parts.get("outcome", {})}
    document = DoseDocument(
        object=parts.get("object", {}),
        study=parts.get("study", {}),
        sr=parts.get("sr"),
        outcome=DocumentOutcome(**outcome, findings=list(findings)),
    )
    if "ct" in parts:
        document.ct = CtDose(**_arguments(parts["ct"]))
    if "mg" in parts:
        document.mg = MammographyDose(**_arguments(parts["mg"]), **parts.get("xray", {}))
    elif "xray" in parts:
        document.xray = ProjectionDose(**_arguments(parts["xray"]))
    if "nm" in parts:
        document.nm = NuclearDose(**_arguments(parts["nm"]))
    return document


def _arguments(part: Mapping[str, Any]) -> dict[str, Any]:
    totals = {name: value for name, value in part.items() if name not in _LISTS}
    return {"totals": totals, **{name: part[name] for name in _LISTS if name in part}}
