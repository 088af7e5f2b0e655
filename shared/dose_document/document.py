"""The dose document of one object, or of a stored study, in the shape of docs/dose-objects.md."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

from shared.database.models import StudyPart
from shared.dose_document.flags import Flag
from shared.dose_document.values import Values, text_of, without_none

Change = Callable[[Values], Values]


@dataclass(slots=True, kw_only=True)
class IrradiationDose:
    """The dose of X-rays: totals as they are stated, and the irradiation events in document order.

    `accumulated` has the totals of each plane or breast; CT has none.
    """

    totals: Values = field(default_factory=dict)
    accumulated: dict[str, Values] = field(default_factory=dict)
    events: list[Values] = field(default_factory=list)

    def to_json(self) -> Values:
        """Return the part of the document."""
        return {**self.totals, "accumulated": self.accumulated, "events": self.events}

    def summary(self) -> Values:
        """Return the part without its events."""
        return {name: value for name, value in self.to_json().items() if name != "events"}

    def changed(self, change: Change) -> Self:
        """Return it with all its containers changed."""
        return replace(
            self,
            totals=change(self.totals),
            accumulated={name: change(totals) for name, totals in self.accumulated.items()},
            events=[change(event) for event in self.events],
        )


@dataclass(slots=True, kw_only=True)
class CtDose(IrradiationDose):
    """The `ct` part. `count_by_type` says how many events there are of each kind of acquisition."""

    count_by_type: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> Values:
        """Return the part of the document."""
        counts: Values = {"count_by_type": self.count_by_type} if self.count_by_type else {}
        return {**self.totals, "events": self.events, **counts}


@dataclass(slots=True, kw_only=True)
class ProjectionDose(IrradiationDose):
    """The `xray` part, with the totals of the planes `single`, `a`, `b` and `all`."""


@dataclass(slots=True, kw_only=True)
class MammographyDose(IrradiationDose):
    """The `mg` part, with the totals of the breasts `left`, `right` and `both`.

    `plane_count`, of dose reports, is the number of containers of totals; the document has it under `xray`.
    """

    plane_count: int | None = None


@dataclass(slots=True, kw_only=True)
class NuclearDose:
    """The `nm` part: administrations, each with its organ doses, the patient's characteristics, and PET series."""

    totals: Values = field(default_factory=dict)
    administrations: list[Values] = field(default_factory=list)
    patient: Values | None = None
    pet_series: list[Values] = field(default_factory=list)

    def to_json(self) -> Values:
        """Return the part of the document."""
        lists: Values = {"administrations": self.administrations}
        if self.pet_series:
            lists["pet_series"] = self.pet_series
        return {**self.summary(), **lists}

    def summary(self) -> Values:
        """Return the part without its lists."""
        return self.totals | ({} if self.patient is None else {"patient": self.patient})

    def changed(self, change: Change) -> Self:
        """Return it with all its containers changed."""
        return replace(
            self,
            totals=change(self.totals),
            administrations=[change(one) for one in self.administrations],
            patient=None if self.patient is None else change(self.patient),
            pet_series=[change(one) for one in self.pet_series],
        )


Dose = CtDose | ProjectionDose | MammographyDose | NuclearDose


class Finding(NamedTuple):
    """An implausible value that is visible only while an object is read."""

    flag: Flag
    detail: str


@dataclass(slots=True, kw_only=True)
class DocumentOutcome:
    """The `outcome` part: the kind that was read, or the reason for none, and warnings and flags.

    `findings` are not printed; flags are derived from them. `flags` and `not_patient` are None where not computed.
    """

    accepted: bool
    object_kind: str | None = None
    refusal_reason: str | None = None
    warnings: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    flags: list[dict[str, str]] | None = None
    not_patient: Values | None = None

    def to_json(self) -> Values:
        """Return the part of the document."""
        return without_none(
            {
                "accepted": self.accepted,
                "object_kind": self.object_kind,
                "refusal_reason": self.refusal_reason,
                "warnings": self.warnings,
                "flags": self.flags,
                "not_patient": self.not_patient,
            }
        )


@dataclass(slots=True, kw_only=True)
class DoseDocument:
    """One dose document. A part that the object does not have is None.

    `reports`, of a study of several objects, has the description and totals of each of them.
    """

    object: Values
    study: Values
    outcome: DocumentOutcome
    sr: Values | None = None
    ct: CtDose | None = None
    xray: ProjectionDose | None = None
    mg: MammographyDose | None = None
    nm: NuclearDose | None = None
    reports: list[Values] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """True if dose was read from the object."""
        return self.outcome.accepted

    @property
    def sop_instance_uid(self) -> str:
        """The SOP Instance UID; empty where it is missing."""
        return text_of(self.object, "sop_instance_uid") or ""

    @property
    def study_instance_uid(self) -> str:
        """The Study Instance UID; empty where it is missing."""
        return text_of(self.study, "study_instance_uid") or ""

    @property
    def doses(self) -> dict[StudyPart, Dose]:
        """The dose parts that are there. Each becomes a row of its own in `study`."""
        parts: dict[StudyPart, Dose | None] = {
            StudyPart.CT: self.ct,
            StudyPart.XRAY: self.xray,
            StudyPart.MG: self.mg,
            StudyPart.NM: self.nm,
        }
        return {part: dose for part, dose in parts.items() if dose is not None}

    def add(self, dose: Dose) -> None:
        """Make a dose the part that it is."""
        match dose:
            case CtDose():
                self.ct = dose
            case ProjectionDose():
                self.xray = dose
            case MammographyDose():
                self.mg = dose
            case NuclearDose():
                self.nm = dose

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON, without the parts and the fields that have no value."""
        xray = self.xray.to_json() if self.xray else None
        if self.mg and self.mg.plane_count is not None:
            xray = {"plane_count": self.mg.plane_count}
        parts: dict[str, Values | None] = {
            "object": self.object,
            "study": self.study,
            "sr": self.sr,
            "ct": self.ct.to_json() if self.ct else None,
            "xray": xray,
            "mg": self.mg.to_json() if self.mg else None,
            "nm": self.nm.to_json() if self.nm else None,
            "outcome": self.outcome.to_json(),
        }
        document: dict[str, Any] = {name: without_none(part) for name, part in parts.items() if part is not None}
        return document | ({"reports": self.reports} if self.reports else {})

    def changed(self, change: Change) -> Self:
        """Return the document with all its containers changed: `change` gives a new one for each."""
        return replace(
            self,
            object=change(self.object),
            study=change(self.study),
            sr=None if self.sr is None else change(self.sr),
            ct=self.ct and self.ct.changed(change),
            xray=self.xray and self.xray.changed(change),
            mg=self.mg and self.mg.changed(change),
            nm=self.nm and self.nm.changed(change),
            outcome=self.outcome,
        )


def refused(
    reason: str,
    *,
    object_: Values | None = None,
    study: Values | None = None,
    sr: Values | None = None,
    warnings: list[str] | None = None,
) -> DoseDocument:
    """Return the document of an object that holds no dose that is read, with the reason in words."""
    return DoseDocument(
        object=object_ or {},
        study=study or {},
        sr=sr,
        outcome=DocumentOutcome(accepted=False, refusal_reason=reason, warnings=warnings or []),
    )
