"""The description of the REST interface in OpenAPI 3.1.

flask-openapi3 keeps only the parts of a JSON Schema that its own models know. So the schemas of our models are replaced
by those of pydantic: with examples, and valid by JSON Schema 2020-12 as OpenAPI 3.1 requires.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Literal

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.config_api.actions.common.models import RequestModel
from services.config_api.api.common.base import ResponseModel
from services.config_api.web.problem import Problem

REFERENCES = "#/components/schemas/{model}"


def info() -> Info:
    """Return the heading of the description."""
    return Info(
        title="Dosewire",
        version=version("dosewire"),
        description="DICOM nodes, received objects, dose, query/retrieve. Errors are problem details (RFC 9457).",
    )


def describe(app: OpenAPI) -> dict[str, Any]:
    """Return the description of an application whose blueprints are registered."""
    document: dict[str, Any] = app.api_doc
    models = [*_models(RequestModel, "validation"), *_models(ResponseModel, "serialization")]
    _, schemas = models_json_schema([*models, (Problem, "serialization")], ref_template=REFERENCES)
    document["components"] = {"schemas": schemas["$defs"]}
    return document


Mode = Literal["validation", "serialization"]


def _models(base: type[BaseModel], mode: Mode) -> Iterator[tuple[type[BaseModel], Mode]]:
    for model in base.__subclasses__():
        yield model, mode
        yield from _models(model, mode)
