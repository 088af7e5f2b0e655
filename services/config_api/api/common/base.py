"""What the resources have in common: models, responses, blueprints."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.config_api.web.host import parse_host, parse_ip_address
from services.config_api.web.peer import parse_peer
from services.config_api.web.problem import MEDIA_TYPE, field_problems, invalid
from shared.database.base import Base
from shared.dicom.ae_title import parse_ae_title, parse_remote_ae_title
from shared.dicom.uid import is_valid_uid

PREFIX = "/api/v1"
NODES_LOCK = 0x6E6F6465  # "node": any number, as long as all writers take the same one


class RequestModel(BaseModel):
    """A request body: exact types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


RequestT = TypeVar("RequestT", bound=RequestModel)


class QueryModel(BaseModel):
    """The parameters of a query string: text that is converted, no unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """What an endpoint returns; can be built from a row of the database."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class IdPath(QueryModel):
    """The id in a path."""

    id: int = Field(ge=1, le=2**31 - 1)


def _without_control_characters(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not hold line breaks or other control characters")
    return text


FriendlyName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_without_control_characters),
]
DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
]
Pattern = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_without_control_characters),
    Field(description="`*` for any text, `?` for a character, `[0-9]` for one of these, `[!0-9]` for another one"),
]
IpAddress = Annotated[str, AfterValidator(parse_ip_address), Field(json_schema_extra={"examples": ["192.0.2.10"]})]
Peer = Annotated[str, AfterValidator(parse_peer), Field(json_schema_extra={"examples": ["192.0.2.0/24"]})]
Host = Annotated[str, AfterValidator(parse_host), Field(json_schema_extra={"examples": ["pacs.example.org"]})]
AeTitle = Annotated[
    str,
    AfterValidator(parse_ae_title),
    Field(json_schema_extra={"pattern": "^[A-Za-z0-9]{1,16}$", "examples": ["DOSEWIRE"]}),
]
RemoteAeTitle = Annotated[
    str,
    AfterValidator(parse_remote_ae_title),
    Field(json_schema_extra={"pattern": r"^[ -\[\]-~]{1,16}$", "examples": ["MAIN_PACS"]}),
]
Port = Annotated[int, Field(ge=1, le=65535)]
Moment = AwareDatetime


def _iso_8601(text: object) -> datetime:
    """Read a moment; pydantic alone would take a bare year for seconds since 1970."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError("must be a moment such as 2026-11-21T08:00:00Z") from None


def _day(text: object) -> date:
    """Read a day; pydantic's strict mode would not take text at all."""
    if isinstance(text, date):
        return text
    try:
        if not isinstance(text, str) or len(text) != len("YYYY-MM-DD"):
            raise ValueError  # noqa: TRY301 (one message for all of them)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day such as 2026-11-21") from None


def _uid(text: str) -> str:
    if not is_valid_uid(text):
        raise ValueError("is not a UID: at most 64 characters, numbers without leading zeros joined by dots")
    return text


Day = Annotated[date, BeforeValidator(_day)]
StudyInstanceUid = Annotated[
    str, AfterValidator(_uid), Field(json_schema_extra={"examples": ["1.2.826.0.1.3680043.8.498.1"]})
]
MomentInQuery = Annotated[AwareDatetime, BeforeValidator(_iso_8601)]


def blueprint(name: str, *, tag: str, description: str) -> APIBlueprint:
    """Return the blueprint of a resource; every endpoint documents its problems."""
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return APIBlueprint(
        name,
        __name__,
        url_prefix=f"{PREFIX}/{name.replace('_', '-')}",
        abp_tags=[Tag(name=tag, description=description)],
        abp_responses={"422": dict(problem), "503": dict(problem)},
        operation_id_callback=_operation_id,
    )


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 (flask-openapi3's signature)
    return name


def problems(*statuses: HTTPStatus) -> dict[str | int | HTTPStatus, Any]:
    """Return the documentation of further problems of an endpoint."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"content": content} for status in statuses}


def answer(model: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the JSON response for a model."""
    return Response(model.model_dump_json(), status=status, mimetype="application/json")


def created(model: BaseModel, location: str) -> Response:
    """Return the response for something new, with its address."""
    response = answer(model, HTTPStatus.CREATED)
    response.headers["Location"] = location
    return response


def no_content() -> Response:
    """Return the response of a deletion."""
    return Response(status=HTTPStatus.NO_CONTENT)


def patched(row: Base, patch: RequestModel, *, into: type[RequestT], **instead: object) -> RequestT:
    """Return what a row shall be: as it is, with what the patch names changed, and valid as if it came whole.

    Args:
        row: as it stands.
        patch: what of it to change.
        into: the request that would make it.
        instead: what that request says in other words than the row.

    Raises:
        ProblemError: the result breaks a rule of `into`; it names the fields.
    """
    current = {name: getattr(row, name) for name in into.model_fields} | instead
    try:
        return into.model_validate(current | patch.model_dump(exclude_unset=True))
    except ValidationError as error:
        raise invalid(*field_problems(error)) from None


def lock_table(session: Session, model: type[Base]) -> None:
    """Let nobody else write this table until the transaction ends: a writer looks at the other rows first."""
    session.execute(text(f"LOCK TABLE {model.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def lock_nodes(session: Session) -> None:
    """Let nobody else write nodes until the transaction ends: a writer looks at the other nodes first."""
    session.execute(select(func.pg_advisory_xact_lock(NODES_LOCK)))
