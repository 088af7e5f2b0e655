"""A report of a study as it is stored: what `shared.stored_study.combine` makes one document of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.database.models import StudyPart
from shared.stored_study.rank import Rank, rank

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report of a study as it is stored. `events` are those that are read from it, `event_keys` all it tells of."""

    sop_instance_uid: str
    is_image: bool
    event_keys: tuple[str, ...]
    event_started_at: tuple[datetime | None, ...]
    object: JsonObject
    sr: JsonObject
    totals: dict[StudyPart, JsonObject]
    planes: JsonObject
    accumulated: JsonObject
    nuclear: JsonObject
    events: dict[str, JsonObject]
    object_kind: str
    warnings: tuple[str, ...]

    @property
    def rank(self) -> Rank:
        """Which report leads."""
        return rank(is_image=self.is_image, event_keys=self.event_keys, sop_instance_uid=self.sop_instance_uid)

    @property
    def begun(self) -> tuple[str, str]:
        """What reports, and so their events, are sorted by: the start of irradiation."""
        known = [moment.isoformat() for moment in self.event_started_at if moment]
        return self.sr.get("start_of_irradiation") or min(known, default="~"), self.sop_instance_uid
