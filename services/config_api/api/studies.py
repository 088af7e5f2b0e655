"""Studies: dose as it is stored, newest first."""

from datetime import date
from http import HTTPStatus
from typing import Self

from flask import Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.api.base import Moment, QueryModel, ResponseModel, answer, blueprint
from services.config_api.context import context
from shared.database.models import Equipment, Study

api = blueprint("studies", tag="Studies", description="The dose of each study, as `dosewire extract` prints it")


class StudyQuery(QueryModel):
    """Which studies; filters are combined with AND."""

    modality: str | None = Field(default=None, max_length=16, description="CT, DX, RF, MG or NM")
    study_date_from: date | None = Field(default=None, description="On or after, YYYY-MM-DD")
    study_date_until: date | None = Field(default=None, description="On or before, YYYY-MM-DD")
    station_name: str | None = Field(default=None, max_length=64)
    study_instance_uid: str | None = Field(default=None, max_length=64)
    limit: int = Field(default=50, ge=1, le=500)
    before: int | None = Field(default=None, ge=1, description="`next_before` of the page before this one")


class StudySummary(ResponseModel):
    """A study in a list: what it is, and its totals as the reports state them. No patient data."""

    id: int
    study_instance_uid: str
    modality: str | None = Field(description="Class of the study: CT, DX, RF, MG or NM")
    study_date: date | None
    study_time: str | None = Field(description="Local time of the device")
    study_description: str | None
    institution: str | None
    manufacturer: str | None
    model: str | None
    station_name: str | None
    events_count: int = Field(description="Irradiation events")
    total_dlp_mgy_cm: float | None
    total_dap_gy_m2: float | None
    total_rp_dose_gy: float | None = Field(description="Dose at the reference point")
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, study: Study, equipment: Equipment) -> Self:
        """Return the summary of a study."""
        from_equipment = {"institution", "manufacturer", "model", "station_name"}
        values = {name: getattr(equipment if name in from_equipment else study, name) for name in cls.model_fields}
        values["study_time"] = study.study_time.isoformat() if study.study_time else None
        return cls(**values)


class StudyPage(ResponseModel):
    """A page of studies, the last stored first."""

    items: list[StudySummary]
    next_before: int | None = Field(description="For the next page; null on the last one")


@api.get("", responses={HTTPStatus.OK: StudyPage})
def list_studies(query: StudyQuery) -> Response:
    """List studies, the last stored first."""
    with context().transaction() as session:
        return answer(find_studies(session, query))


def find_studies(session: Session, query: StudyQuery) -> StudyPage:
    """Return a page of studies."""
    statement = select(Study, Equipment).join(Equipment, Study.equipment_id == Equipment.id).order_by(Study.id.desc())
    if query.modality is not None:
        statement = statement.where(Study.modality == query.modality)
    if query.study_date_from is not None:
        statement = statement.where(Study.study_date >= query.study_date_from)
    if query.study_date_until is not None:
        statement = statement.where(Study.study_date <= query.study_date_until)
    if query.station_name is not None:
        statement = statement.where(Equipment.station_name == query.station_name)
    if query.study_instance_uid is not None:
        statement = statement.where(Study.study_instance_uid == query.study_instance_uid)
    if query.before is not None:
        statement = statement.where(Study.id < query.before)
    rows = session.execute(statement.limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    return StudyPage(
        items=[StudySummary.of(study, equipment) for study, equipment in shown],
        next_before=shown[-1][0].id if len(rows) > query.limit else None,
    )
