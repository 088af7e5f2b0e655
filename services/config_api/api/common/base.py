"""Base of the REST resources: response models, blueprints, responses."""

from http import HTTPStatus
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.config_api.actions.common.models import QueryModel
from services.config_api.web.problem_responses import MEDIA_TYPE

PREFIX = "/api/v1"

Moment = AwareDatetime


class ResponseModel(BaseModel):
    """A response; can be built from a row of the database."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class IdPath(QueryModel):
    """The id in a path."""

    id: int = Field(ge=1, le=2**31 - 1)


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


def accepted(model: BaseModel, location: str) -> Response:
    """Return the response for something that goes on, with the address where it can be watched."""
    response = answer(model, HTTPStatus.ACCEPTED)
    response.headers["Location"] = location
    return response


def no_content() -> Response:
    """Return the response of a deletion."""
    return Response(status=HTTPStatus.NO_CONTENT)
