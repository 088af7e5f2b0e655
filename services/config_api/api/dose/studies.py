"""Studies: dose as it is stored, newest first."""

import json
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Self

from flask import Response
from pydantic import AfterValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.models import Day, QueryModel
from services.config_api.actions.dose.study_document import study_document
from services.config_api.api.common.base import Moment, ResponseModel, answer, blueprint, problems
from services.config_api.api.dose.patient_totals import PatientTotalsOutput, PatientTotalsQuery
from services.config_api.web import problem
from services.config_api.web.context import Context
from services.config_api.web.current import context
from shared.database.models import Equipment, Study
from shared.dose_document.flags import Flag
from shared.stored_study.patient_totals import patient_totals

api = blueprint("studies", tag="Studies", description="The dose of each study, as `dosewire extract` prints it")


def _flag(name: str) -> str:
    if name not in list(Flag):
        raise ValueError(f"must be one of {', '.join(Flag)}")
    return name


FlagName = Annotated[str, AfterValidator(_flag), Field(json_schema_extra={"enum": [flag.value for flag in Flag]})]


class StudyQuery(QueryModel):
    """Which studies; filters are combined with AND."""

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


class StudySummary(ResponseModel):
    """A study in a list: what it is, and its totals as the reports state them. No patient data."""

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
    not_patient: str | None = Field(description="Which patterns say that this is no patient; null: none")
    flags: list[str] = Field(description="What is implausible; the study itself says why")
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, study: Study, equipment: Equipment) -> Self:
        """Return the summary of a study."""
        from_equipment = {"display_name", "institution", "manufacturer", "model", "station_name"}
        values = {name: getattr(equipment if name in from_equipment else study, name) for name in cls.model_fields}
        values["study_time"] = study.study_time.isoformat() if study.study_time else None
        values["not_patient"] = study.not_patient["text"] if study.not_patient else None
        values["flags"] = [flag["flag"] for flag in study.flags]
        return cls(**values)


class StudyPage(ResponseModel):
    """A page of studies, the last stored first."""

    items: list[StudySummary]
    next_before: int | None = Field(description="For the next page; null on the last one")


class StudyPath(QueryModel):
    """The id of a study in a path."""

    id: int = Field(ge=1, le=2**63 - 1)


class StoredStudyOutput(ResponseModel):
    """A dose report: `dosewire extract` prints the same keys. Which there are depends on the object and the policy."""

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
        default=None, description="Where several reports make up the study: what each says of itself"
    )


@api.get("", responses={HTTPStatus.OK: StudyPage})
def list_studies(query: StudyQuery) -> Response:
    """List studies, the last stored first."""
    with context().transaction() as session:
        return answer(find_study_page(session, query))


@api.get("/<int:id>", responses={HTTPStatus.OK: StoredStudyOutput} | problems(HTTPStatus.NOT_FOUND))
def get_study(path: StudyPath) -> Response:
    """Show a stored study in the shape that `dosewire extract` prints, as far as the privacy policy stored it."""
    return Response(json.dumps(find_study(context(), path.id)), mimetype="application/json")


@api.get("/<int:id>/patient-totals", responses={HTTPStatus.OK: PatientTotalsOutput} | problems(HTTPStatus.NOT_FOUND))
def get_patient_totals(path: StudyPath, query: PatientTotalsQuery) -> Response:
    """Add up what the patient of a fluoroscopy study got in the days up to it."""
    with context().transaction() as session:
        totals = patient_totals(session.connection(), path.id, days=query.days)
    if totals is None:
        raise problem.not_found(
            f"there are no patient totals for study {path.id}",
            "a fluoroscopy study has them, if it has a date and a Patient ID that the privacy policy stores",
        )
    return answer(PatientTotalsOutput.model_validate(totals))


def find_study(context: Context, study_id: int) -> dict[str, Any]:
    """Return the document of a stored study.

    Raises:
        ProblemError: there is none of this id.
    """
    with context.transaction() as session:
        document = study_document(session.connection(), study_id)
    if document is None:
        raise problem.not_found(f"there is no study {study_id}", "GET /api/v1/studies lists those there are")
    return document


def find_study_page(session: Session, query: StudyQuery) -> StudyPage:
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
    if query.equipment_id is not None:
        statement = statement.where(Study.equipment_id == query.equipment_id)
    if query.not_patient is not None:
        statement = statement.where(
            Study.not_patient.is_not(None) if query.not_patient else Study.not_patient.is_(None)
        )
    if query.flag is not None:
        statement = statement.where(Study.flags.contains([{"flag": query.flag}]))
    if query.before is not None:
        statement = statement.where(Study.id < query.before)
    rows = session.execute(statement.limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    return StudyPage(
        items=[StudySummary.of(study, equipment) for study, equipment in shown],
        next_before=shown[-1][0].id if len(rows) > query.limit else None,
    )
