"""The list of stored studies, the last stored first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import Day, QueryModel
from shared.database.models import Equipment, Study
from shared.dose_document.flags import Flag


def _flag(name: str) -> str:
    if name not in list(Flag):
        raise ValueError(f"must be one of {', '.join(Flag)}")
    return name


FlagName = Annotated[str, AfterValidator(_flag), Field(json_schema_extra={"enum": [flag.value for flag in Flag]})]


class StudyFilter(QueryModel):
    """The studies of a list; filters are combined with AND."""

    modality: str | None = Field(default=None, max_length=16, description="CT, DX, RF, MG or NM")
    study_date_from: Day | None = Field(default=None, description="On or after, YYYY-MM-DD")
    study_date_until: Day | None = Field(default=None, description="On or before, YYYY-MM-DD")
    station_name: str | None = Field(default=None, max_length=64)
    study_instance_uid: str | None = Field(default=None, max_length=64)
    equipment_id: int | None = Field(default=None, ge=1, le=2**31 - 1)
    not_patient: bool | None = Field(default=None, description="Whether a not-a-patient pattern has matched")
    flag: FlagName | None = Field(default=None, description="Studies with this plausibility flag")
    limit: int = Field(default=50, ge=1, le=500)
    before: int | None = Field(default=None, ge=1, description="`next_before` of the page before this one")


@dataclass(frozen=True, slots=True)
class StudyOnEquipment:
    """A stored study, and the equipment that made it."""

    study: Study
    equipment: Equipment


@dataclass(frozen=True, slots=True)
class StoredStudyPage:
    """Stored studies, the last stored first; `next_before` leads to the next page, None on the last one."""

    items: Sequence[StudyOnEquipment]
    next_before: int | None


def find_study_page(session: Session, wanted: StudyFilter) -> StoredStudyPage:
    """Return a page of studies."""
    statement = select(Study, Equipment).join(Equipment, Study.equipment_id == Equipment.id).order_by(Study.id.desc())
    if wanted.modality is not None:
        statement = statement.where(Study.modality == wanted.modality)
    if wanted.study_date_from is not None:
        statement = statement.where(Study.study_date >= wanted.study_date_from)
    if wanted.study_date_until is not None:
        statement = statement.where(Study.study_date <= wanted.study_date_until)
    if wanted.station_name is not None:
        statement = statement.where(Equipment.station_name == wanted.station_name)
    if wanted.study_instance_uid is not None:
        statement = statement.where(Study.study_instance_uid == wanted.study_instance_uid)
    if wanted.equipment_id is not None:
        statement = statement.where(Study.equipment_id == wanted.equipment_id)
    if wanted.not_patient is not None:
        statement = statement.where(
            Study.not_patient.is_not(None) if wanted.not_patient else Study.not_patient.is_(None)
        )
    if wanted.flag is not None:
        statement = statement.where(Study.flags.contains([{"flag": wanted.flag}]))
    if wanted.before is not None:
        statement = statement.where(Study.id < wanted.before)
    rows = session.execute(statement.limit(wanted.limit + 1)).all()
    shown = [StudyOnEquipment(study, equipment) for study, equipment in rows[: wanted.limit]]
    return StoredStudyPage(shown, shown[-1].study.id if len(rows) > wanted.limit else None)
