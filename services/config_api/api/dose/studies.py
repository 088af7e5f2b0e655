"""REST resource of studies: dose as it is stored."""

import json
from datetime import date
from http import HTTPStatus
from typing import Any, Self

from flask import Response
from pydantic import ConfigDict, Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.actions.dose.studies import StudyFilter, StudyOnEquipment, find_study_page
from services.config_api.actions.dose.study_document import find_patient_totals, find_study_document
from services.config_api.api.common.base import Moment, ResponseModel, answer, blueprint, problems
from services.config_api.api.dose.patient_totals import PatientTotalsOutput, PatientTotalsQuery
from services.config_api.web.current import context

api = blueprint("studies", tag="Studies", description="The dose of each study, as `dosewire extract` prints it")


class StudySummary(ResponseModel):
    """A study in a list: its description, and its totals as the reports state them. No patient data."""

    id: int
    study_instance_uid: str
    modality: str | None = Field(description="Class of the study: CT, DX, RF, MG or NM")
    equipment_id: int
    display_name: str = Field(description="Of the equipment")
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
    not_patient: str | None = Field(description="The patterns that say that this is no patient; null: none")
    flags: list[str] = Field(description="Plausibility flags; the study itself says why")
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, row: StudyOnEquipment) -> Self:
        """Return the summary of a study."""
        study, equipment = row.study, row.equipment
        from_equipment = {"display_name", "institution", "manufacturer", "model", "station_name"}
        values = {name: getattr(equipment if name in from_equipment else study, name) for name in cls.model_fields}
        values["study_time"] = study.study_time.isoformat() if study.study_time else None
        values["not_patient"] = study.not_patient["text"] if study.not_patient else None
        values["flags"] = [flag["flag"] for flag in study.flags]
        return cls(**values)


class StudyList(ResponseModel):
    """A page of studies, the last stored first."""

    items: list[StudySummary]
    next_before: int | None = Field(description="For the next page; null on the last one")


class StudyPath(QueryModel):
    """The id of a study in a path."""

    id: int = Field(ge=1, le=2**63 - 1)


class StoredStudyOutput(ResponseModel):
    """A stored study, with the keys of `dosewire extract`. The keys depend on the object and the privacy policy."""

    model_config = ConfigDict(extra="allow")

    object: dict[str, Any] = Field(description="SOP class, SOP and Series Instance UID, transfer syntax, template")
    study: dict[str, Any] = Field(description="Header: study, patient as far as stored, equipment")
    sr: dict[str, Any] | None = Field(default=None, description="Root of the report")
    ct: dict[str, Any] | None = Field(default=None, description="CT (TID 10011): totals and events")
    xray: dict[str, Any] | None = Field(default=None, description="Projection X-ray (TID 10001): totals, planes")
    mg: dict[str, Any] | None = Field(default=None, description="Mammography: totals and events")
    nm: dict[str, Any] | None = Field(default=None, description="Nuclear medicine (TID 10021): administrations")
    outcome: dict[str, Any] = Field(
        description="Kind of object, warnings, plausibility flags, SOP Instance UIDs of all objects that came, and"
        " `not_patient` where patterns match"
    )
    reports: list[dict[str, Any]] | None = Field(
        default=None, description="Where several reports make up the study: the header of each"
    )


@api.get("", responses={HTTPStatus.OK: StudyList})
def list_studies(query: StudyFilter) -> Response:
    """List studies, the last stored first."""
    with context().transaction() as session:
        page = find_study_page(session, query)
    return answer(StudyList(items=[StudySummary.of(row) for row in page.items], next_before=page.next_before))


@api.get("/<int:id>", responses={HTTPStatus.OK: StoredStudyOutput} | problems(HTTPStatus.NOT_FOUND))
def get_study(path: StudyPath) -> Response:
    """Show a stored study in the shape that `dosewire extract` prints, as far as the privacy policy stored it."""
    with context().transaction() as session:
        document = find_study_document(session, path.id)
    return Response(json.dumps(document), mimetype="application/json")


@api.get("/<int:id>/patient-totals", responses={HTTPStatus.OK: PatientTotalsOutput} | problems(HTTPStatus.NOT_FOUND))
def get_patient_totals(path: StudyPath, query: PatientTotalsQuery) -> Response:
    """Add up the dose of the patient of a fluoroscopy study in the days up to it."""
    with context().transaction() as session:
        totals = find_patient_totals(session, path.id, days=query.days)
    return answer(PatientTotalsOutput.model_validate(totals))
