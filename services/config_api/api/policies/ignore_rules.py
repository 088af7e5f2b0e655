"""Ignore rules: equipment whose objects are refused."""

from http import HTTPStatus
from typing import Self

from flask import Response, url_for
from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.config_api.actions.common.changes import lock_table, patched
from services.config_api.actions.common.models import FriendlyName, Pattern, RequestModel
from services.config_api.api.common.base import (
    IdPath,
    Moment,
    ResponseModel,
    answer,
    blueprint,
    created,
    no_content,
    problems,
)
from services.config_api.web import problem
from services.config_api.web.current import context
from services.config_api.web.problem import FieldProblem
from shared.database.models import IgnoreRule

api = blueprint("ignore_rules", tag="Ignore rules", description="Equipment whose objects are refused")


class IgnoreRulePatch(RequestModel):
    """What to change of a rule; what is left out stays as it is, null removes a pattern."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_name": None}]})

    name: FriendlyName | None = None
    manufacturer: Pattern | None = None
    model: Pattern | None = None
    station_name: Pattern | None = None
    software_versions: Pattern | None = None
    device_serial_number: Pattern | None = None


class IgnoreRuleInput(IgnoreRulePatch):
    """A rule: an object is refused when each of the patterns that are given describes it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Test scanner", "model": "*simulator*", "station_name": "CT0[1-3]"}]}
    )

    name: FriendlyName = Field(description="The reason of a refusal names it")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, field) is None for field in IgnoreRule.FIELDS):
            raise ValueError(
                f"needs a pattern at least, or everything would be ignored: {', '.join(IgnoreRule.FIELDS)}"
            )
        return self


class IgnoreRuleOutput(ResponseModel):
    """A rule."""

    id: int
    name: str
    manufacturer: str | None
    model: str | None
    station_name: str | None
    software_versions: str | None
    device_serial_number: str | None
    created_at: Moment
    updated_at: Moment


class IgnoreRuleList(ResponseModel):
    """All rules, by name."""

    items: list[IgnoreRuleOutput]


@api.get("", responses={HTTPStatus.OK: IgnoreRuleList})
def list_ignore_rules() -> Response:
    """List the rules."""
    with context().transaction() as session:
        rules = session.scalars(select(IgnoreRule).order_by(IgnoreRule.name))
        items = [IgnoreRuleOutput.model_validate(rule) for rule in rules]
    return answer(IgnoreRuleList(items=items))


@api.post("", responses={HTTPStatus.CREATED: IgnoreRuleOutput} | problems(HTTPStatus.CONFLICT))
def create_ignore_rule(body: IgnoreRuleInput) -> Response:
    """Create a rule; it acts on what is imported from now on."""
    with context().transaction() as session:
        _check_name(session, body.name, own_id=None)
        rule = IgnoreRule(**body.model_dump())
        session.add(rule)
        session.flush()
        output = IgnoreRuleOutput.model_validate(rule)
    return created(output, url_for(".get_ignore_rule", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: IgnoreRuleOutput} | problems(HTTPStatus.NOT_FOUND))
def get_ignore_rule(path: IdPath) -> Response:
    """Show a rule."""
    with context().transaction() as session:
        return answer(IgnoreRuleOutput.model_validate(_find(session, path.id)))


@api.patch(
    "/<int:id>", responses={HTTPStatus.OK: IgnoreRuleOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def change_ignore_rule(path: IdPath, body: IgnoreRulePatch) -> Response:
    """Change a rule; it acts on what is imported from now on."""
    with context().transaction() as session:
        rule = _find(session, path.id)
        wanted = patched(rule, body, into=IgnoreRuleInput)
        _check_name(session, wanted.name, own_id=rule.id)
        for name, value in wanted.model_dump().items():
            setattr(rule, name, value)
        session.flush()
        return answer(IgnoreRuleOutput.model_validate(rule))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_ignore_rule(path: IdPath) -> Response:
    """Delete a rule; what it has refused stays refused."""
    with context().transaction() as session:
        session.delete(_find(session, path.id))
    return no_content()


def _find(session: Session, rule_id: int) -> IgnoreRule:
    rule = session.get(IgnoreRule, rule_id)
    if rule is None:
        raise problem.not_found(f"there is no ignore rule {rule_id}", "GET /api/v1/ignore-rules lists those there are")
    return rule


def _check_name(session: Session, name: str, *, own_id: int | None) -> None:
    lock_table(session, IgnoreRule)
    if any(id_ != own_id for id_ in session.scalars(select(IgnoreRule.id).where(IgnoreRule.name == name))):
        raise problem.conflict(FieldProblem(field="name", detail="is the name of another rule; choose another one"))
