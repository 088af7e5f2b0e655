"""REST resource of ignore rules: equipment whose objects are refused."""

from http import HTTPStatus

from flask import Response, url_for

from services.config_api.actions.policies import ignore_rules
from services.config_api.actions.policies.ignore_rules import IgnoreRuleInput, IgnoreRulePatch
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
from services.config_api.web.current import context

api = blueprint("ignore_rules", tag="Ignore rules", description="Equipment whose objects are refused")


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
        items = [IgnoreRuleOutput.model_validate(rule) for rule in ignore_rules.list_ignore_rules(session)]
    return answer(IgnoreRuleList(items=items))


@api.post("", responses={HTTPStatus.CREATED: IgnoreRuleOutput} | problems(HTTPStatus.CONFLICT))
def create_ignore_rule(body: IgnoreRuleInput) -> Response:
    """Create a rule; it acts on objects that are imported from now on."""
    with context().transaction() as session:
        output = IgnoreRuleOutput.model_validate(ignore_rules.add_ignore_rule(session, body))
    return created(output, url_for(".get_ignore_rule", id=output.id))


@api.get("/<int:id>", responses={HTTPStatus.OK: IgnoreRuleOutput} | problems(HTTPStatus.NOT_FOUND))
def get_ignore_rule(path: IdPath) -> Response:
    """Show a rule."""
    with context().transaction() as session:
        return answer(IgnoreRuleOutput.model_validate(ignore_rules.find_ignore_rule(session, path.id)))


@api.patch(
    "/<int:id>", responses={HTTPStatus.OK: IgnoreRuleOutput} | problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def change_ignore_rule(path: IdPath, body: IgnoreRulePatch) -> Response:
    """Change a rule; it acts on objects that are imported from now on."""
    with context().transaction() as session:
        return answer(IgnoreRuleOutput.model_validate(ignore_rules.change_ignore_rule(session, path.id, body)))


@api.delete("/<int:id>", responses={HTTPStatus.NO_CONTENT: None} | problems(HTTPStatus.NOT_FOUND))
def delete_ignore_rule(path: IdPath) -> Response:
    """Delete a rule; objects that it has refused stay refused."""
    with context().transaction() as session:
        ignore_rules.delete_ignore_rule(session, path.id)
    return no_content()
