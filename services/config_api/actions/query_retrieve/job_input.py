"""The input of a query/retrieve job: the query, the remote node, and the store node that receives what is found."""

from datetime import date

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from services.config_api.actions.common.models import Day, RequestModel, StudyInstanceUid
from services.config_api.actions.common.node_reference import NodeReference
from shared.jobs.options import JobOptions


class QrJobInput(RequestModel):
    """A job to begin: for one study, or for the studies of a range of days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"remote_node": "PACS", "store_node": 1, "date_from": "2026-11-01", "date_until": "2026-11-07"},
                {
                    "remote_node": 1,
                    "store_node": 1,
                    "date_from": "2026-11-01",
                    "date_until": "2026-11-01",
                    "options": {"modalities": ["CT", "NM"], "description_exclude": ["imported"]},
                },
                {"remote_node": 1, "store_node": 1, "study_instance_uid": "1.2.826.0.1.3680043.8.498.1"},
            ]
        }
    )

    remote_node: NodeReference
    store_node: NodeReference
    date_from: Day | None = Field(default=None, description="The first Study Date")
    date_until: Day | None = Field(
        default=None, description="The last Study Date, which belongs to the range", validate_default=True
    )
    study_instance_uid: StudyInstanceUid | None = Field(
        default=None, description="The one study, in place of dates", validate_default=True
    )
    options: JobOptions = Field(
        default=JobOptions(), description="The studies and objects that are wanted; without modalities whole studies"
    )

    @field_validator("date_until")
    @classmethod
    def _after_date_from(cls, date_until: date | None, info: ValidationInfo) -> date | None:
        date_from = info.data.get("date_from")
        if date_from and not date_until:
            raise ValueError("is required together with date_from; add it")
        if date_from and date_until and date_from > date_until:
            raise ValueError(f"comes before date_from, {date_from}; exchange them")
        if date_until and "date_from" in info.data and not date_from:
            raise ValueError("needs date_from; add it")
        return date_until

    @field_validator("study_instance_uid")
    @classmethod
    def _instead_of_dates(cls, uid: str | None, info: ValidationInfo) -> str | None:
        date_from, date_until = info.data.get("date_from", "wrong"), info.data.get("date_until", "wrong")
        if uid is None and date_from is None and date_until is None:
            raise ValueError("is required where there are no dates; add it, or date_from and date_until")
        if uid is not None and (date_from or date_until):
            raise ValueError("is given together with dates; keep one of them")
        return uid
