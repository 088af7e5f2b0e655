"""A stored report of a study; `shared.stored_study.combine` makes one document of several."""

from dataclasses import dataclass
from datetime import datetime

from shared.dose_document.document import Dose, Finding, IrradiationDose, NuclearDose
from shared.dose_document.values import Values, text_of
from shared.stored_study.rank import Rank, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report, or an image in its place.

    `event_keys` identify all events that it tells of. The events of its dose are those that are read from it and from
    no other report; `read_keys` are their keys, in the same order.
    """

    sop_instance_uid: str
    is_image: bool
    event_keys: tuple[str, ...]
    event_started_at: tuple[datetime | None, ...]
    object: Values
    sr: Values
    dose: Dose
    read_keys: tuple[str, ...]
    object_kind: str
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def rank(self) -> Rank:
        """Its rank: the report of the highest one leads."""
        return rank(is_image=self.is_image, event_keys=self.event_keys, sop_instance_uid=self.sop_instance_uid)

    @property
    def begun(self) -> tuple[str, str]:
        """The start of irradiation, by which reports, and so their events, are sorted."""
        known = [moment.isoformat() for moment in self.event_started_at if moment]
        return text_of(self.sr, "start_of_irradiation") or min(known, default="~"), self.sop_instance_uid

    @property
    def irradiation(self) -> IrradiationDose:
        """The dose of X-rays; empty for nuclear medicine."""
        return self.dose if isinstance(self.dose, IrradiationDose) else IrradiationDose()

    @property
    def nuclear(self) -> NuclearDose:
        """The dose of nuclear medicine; empty for X-rays."""
        return self.dose if isinstance(self.dose, NuclearDose) else NuclearDose()

    @property
    def events(self) -> dict[str, Values]:
        """The events that are read from it, by their key."""
        return dict(zip(self.read_keys, self.irradiation.events, strict=True))
