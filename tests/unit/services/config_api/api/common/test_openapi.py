from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from services.config_api.actions.common.models import RequestModel

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.mimetype == "application/json"
    return dict(answer.get_json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield path, method, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "$ref":
                yield one
            else:
                yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "Dosewire"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found <= known


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    ids = []
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        ids.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["tags"], where
        assert any(status.startswith("2") for status in operation["responses"]), where
        assert "application/problem+json" in operation["responses"]["422"]["content"], where
        in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}, where
    assert len(ids) == len(set(ids)) >= 24


def test_nothing_is_null_that_openapi_does_not_allow(document: dict[str, Any]) -> None:
    assert None not in document.values()
    assert None not in document["components"].values()


def request_models() -> list[type[BaseModel]]:
    return sorted(RequestModel.__subclasses__(), key=lambda model: model.__name__)


@pytest.mark.parametrize("model", request_models())
def test_requests_have_examples_that_are_right(model: type[BaseModel], document: dict[str, Any]) -> None:
    examples = document["components"]["schemas"][model.__name__]["examples"]
    assert examples
    for example in examples:
        model.model_validate(example)
